"""The policies of each principal: who may do what, put together from the statements of their capabilities.

No CloudFormation resource is made here; the stacks attach these documents to their roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole

from tapgen.iam import statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.iam.statements import Key
    from tapgen.naming import Names

VERSION = "2012-10-17"
"""The policy language's version, not a date of ours."""


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
    """CodeDeploy: moves the live aliases while it watches the guard alarms."""
    functions = [names.function("api"), names.function("archiver")]
    return document([*statements.shift_traffic(functions), statements.watch_alarms()])


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
    granted = [statements.write_own_logs(names.function_log_group(role))]
    if tracing:
        granted.append(statements.send_traces())
    if key:
        granted.append(statements.decrypt_environment(key, names.function(role)))
    return granted
