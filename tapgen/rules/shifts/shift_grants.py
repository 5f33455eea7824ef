"""CodeDeploy and the hooks may do what a shift needs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, as_text, resources_of, statements_of
from tapgen.elements.rule import Found, Rule, listed
from tapgen.iam import arns
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates

_JUDGE = (
    "codedeploy:GetDeploymentTarget",
    "codedeploy:ListDeploymentTargets",
    "codedeploy:PutLifecycleEventHookExecutionStatus",
)


def _find(templates: Templates) -> Found:
    roles = {str(role.get("RoleName")): role for role in templates.of_type("AWS::IAM::Role")}
    names = templates.names
    for hook in names.hooks:
        yield from _judge(templates, roles.get(names.hook_role(hook)), set(_of_hook(templates, hook)))
    yield from _judge(templates, roles.get(names.function_role("codedeploy")), set(_of_code_deploy(templates)))


def _judge(templates: Templates, role: Resource | None, needed: set[tuple[str, str]]) -> Found:
    if role is None:
        return
    attached = [
        policy
        for policy in templates.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
        if role.get("RoleName") in listed(policy.get("Roles"))
    ]
    allowed = {
        (action, resource)
        for policy in (role, *attached)
        for statement in statements_of(policy)
        if statement.get("Effect") == "Allow" and "Condition" not in statement
        for action in actions_of(statement)
        for resource in resources_of(statement)
    }
    for action, resource in sorted(needed - allowed):
        yield role, f"may not {action} on {resource}"


def _of_hook(templates: Templates, hook: str) -> Iterator[tuple[str, str]]:
    names = templates.names
    for judged in names.judged_by(hook):
        group = f"deploymentgroup:{names.application_of(judged)}/{names.deployment_group(judged)}"
        yield from ((action, as_text(arns.regional("codedeploy", group))) for action in _JUDGE)
        yield "lambda:InvokeFunction", _function(names.function(judged), ":*")


def _of_code_deploy(templates: Templates) -> Iterator[tuple[str, str]]:
    names = templates.names
    for part in templates.environment.service.functions:
        # The first two are authorised against the function, the third against the alias (Service Authorization
        # Reference, Lambda).
        yield "lambda:GetAlias", _function(names.function(part.name))
        yield "lambda:UpdateAlias", _function(names.function(part.name))
        yield "lambda:GetProvisionedConcurrencyConfig", _function(names.function(part.name), f":{LIVE_ALIAS}")
    yield "cloudwatch:DescribeAlarms", as_text(arns.regional("cloudwatch", "alarm:*"))
    yield from (("lambda:InvokeFunction", _function(names.hook(hook))) for hook in names.hooks)


def _function(name: str, qualifier: str = "") -> str:
    return as_text(arns.regional("lambda", f"function:{name}{qualifier}"))


RULE = Rule(
    id="shift-grants",
    holds="CodeDeploy's role may read and move each live alias, ask the guard alarms and call both hooks; a hook "
    "may ask what is on trial, try its versions and tell its verdict.",
    why="A shift that CodeDeploy may not move fails and is rolled back; one that it may not watch goes on unguarded.",
    source='CodeDeploy user guide, "Create a service role for CodeDeploy"; Service Authorization Reference, Lambda '
    "and CodeDeploy",
    find=_find,
)
