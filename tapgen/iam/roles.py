"""The policies of each principal: who may do what, put together from the statements of their capabilities.

No CloudFormation resource is made here; the stacks attach these documents to their roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole

from tapgen.iam import statements
from tapgen.iam.policies import MAX_INLINE_CHARACTERS, VERSION, characters, make_document, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.iam.statements import Key
    from tapgen.naming import Names


def code_deploy_policy(names: Names) -> PolicyDocument:
    """CodeDeploy: moves the live aliases while it watches the guard alarms, and calls the hooks."""
    hooks = [names.hook(hook) for hook in names.hooks]
    shifted = [names.function(role) for role in names.functions]
    granted = [*statements.shift_traffic(shifted), statements.watch_alarms(), statements.invoke_hooks(hooks)]
    if characters(make_document([plain(each) for each in granted])) > MAX_INLINE_CHARACTERS:
        # What overflows goes into managed policies; a deploy looks for the hooks among the inline ones.
        granted.reverse()
    return document(granted)


def hook_policy(hook: str, names: Names, *, tracing: bool, key: Key | None) -> PolicyDocument:
    """A hook: asks what is on trial, tries it through Lambda alone, and tells its verdict; of its block's functions.

    The hooks have a role each, since each writes its own log; what else they do is the same: the later one tries the
    new version directly, too, and cleans up with the old one.
    """
    judged = names.judged_by(hook)
    groups = [(names.application_of(role), names.deployment_group(role)) for role in judged]
    granted = [
        *run_as(names.hook(hook), names.hook_log_group(hook), tracing=tracing, key=key),
        statements.judge_deployments(groups),
        statements.try_versions([names.function(role) for role in judged]),
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


def run_as(function: str, log_group: str, *, tracing: bool, key: Key | None) -> list[Statement]:
    """What the Lambda service does with every function's role.

    Metrics need no permission: functions write them into their log in the embedded metric format.
    """
    granted = [statements.write_own_logs(log_group)]
    if tracing:
        granted.append(statements.send_traces())
    if key:
        granted.append(statements.decrypt_environment(key, function))
    return granted
