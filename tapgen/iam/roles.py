"""The policies of each principal: who may do what, put together from the statements of their capabilities.

No CloudFormation resource is made here; the stacks attach these documents to their roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole

from tapgen.iam import statements
from tapgen.naming import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.iam.statements import Key
    from tapgen.naming import Names

VERSION = "2012-10-17"
"""The policy language's version, not a date of ours."""
SHIFTED = ("api", "archiver")
"""The functions whose live aliases CodeDeploy moves."""


def api_policy(names: Names, *, tracing: bool, key: Key | None) -> PolicyDocument:
    """The API function: its table, nothing else of the service."""
    granted = [*_run("api", names, tracing=tracing, key=key), statements.use_transactions(names.table)]
    if key:
        granted.append(statements.use_table_key(key, names.table))
    return document(granted)


def archiver_policy(names: Names, *, tracing: bool, key: Key | None) -> PolicyDocument:
    """The archiver: writes the archive and the dead letters. ``stream_policy`` adds what it reads."""
    granted = [
        *_run("archiver", names, tracing=tracing, key=key),
        statements.archive_changes(names.archive_bucket),
        statements.send_dead_letters(names.dead_letter_queue),
    ]
    if key:
        granted += [
            statements.use_table_key(key, names.table),
            statements.encrypt_archive(key, names.archive_bucket),
            statements.encrypt_dead_letters(key),
        ]
    return document(granted)


def stream_policy(stream_arn: Any) -> PolicyDocument:
    """The archiver's source; apart, because a stream's ARN holds its creation time: only the data stack knows it."""
    return document(statements.read_stream(stream_arn))


def code_deploy_policy(names: Names) -> PolicyDocument:
    """CodeDeploy: moves the live aliases while it watches the guard alarms, and calls the hooks."""
    hooks = [names.hook(event) for event in HOOKS]
    shifted = [names.function(role) for role in SHIFTED]
    return document(
        [*statements.shift_traffic(shifted), statements.watch_alarms(), statements.invoke_hooks(hooks)],
    )


def hook_policy(event: str, names: Names, *, tracing: bool, key: Key | None) -> PolicyDocument:
    """A hook: asks what is on trial, tries it through Lambda alone, and tells its verdict.

    The hooks have a role each, since each writes its own log; what else they do is the same: the later one tries the
    new version directly, too, and cleans up with the old one.
    """
    groups = [names.deployment_group(role) for role in SHIFTED]
    granted = [
        *_run_as(names.hook(event), names.hook_log_group(event), tracing=tracing, key=key),
        statements.judge_deployments(names.deployment_application, groups),
        statements.try_versions([names.function(role) for role in SHIFTED]),
    ]
    return document(granted)


def trust(service: str) -> PolicyDocument:
    """Only this service assumes the role.

    ``<service>.amazonaws.com`` is the principal in every partition (IAM user guide, "AWS service principals").
    """
    return document([Statement(Effect=Allow, Action=[AssumeRole], Principal=Principal("Service", service))])


def document(granted: Iterable[Statement]) -> PolicyDocument:
    """A policy document of these statements."""
    return PolicyDocument(Version=VERSION, Statement=list(granted))


def _run(role: str, names: Names, *, tracing: bool, key: Key | None) -> list[Statement]:
    """What the Lambda service does with every function's role.

    Metrics need no permission: the handlers write them into their log in the embedded metric format.
    """
    return _run_as(names.function(role), names.function_log_group(role), tracing=tracing, key=key)


def _run_as(function: str, log_group: str, *, tracing: bool, key: Key | None) -> list[Statement]:
    granted = [statements.write_own_logs(log_group)]
    if tracing:
        granted.append(statements.send_traces())
    if key:
        granted.append(statements.decrypt_environment(key, function))
    return granted
