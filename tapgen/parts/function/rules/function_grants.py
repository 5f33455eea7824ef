"""A function's role allows what the service grants and what Lambda does on its behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, as_text, resources_of, statements_of
from tapgen.elements.rule import Found, Rule, listed
from tapgen.iam import arns
from tapgen.parts.function.model import HOOKS as HOOK_SETTINGS
from tapgen.parts.function.model import Function
from tapgen.parts.names import make_arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates

# What Lambda does with the role of every function, of traced ones and of those in a network (Lambda developer guide,
# "Execution role"); X-Ray and the calls of EC2 have no resource level.
_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
_TRACES = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
)
# What Lambda does for each kind of destination of asynchronous calls (Lambda developer guide, "destinations").
_DELIVER = {
    "queue": "sqs:SendMessage",
    "topic": "sns:Publish",
    "event bus": "events:PutEvents",
    "function": "lambda:InvokeFunction",
}
_POLL = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_SOURCES = {"queue": _POLL}


def _find(templates: Templates) -> Found:
    allowed_by_role = _allowed(templates)
    names = templates.names
    for part in templates.environment.service.functions:
        role = names.function_role(part.name)
        if part.role_arn or role not in allowed_by_role:
            continue
        resource, allowed = allowed_by_role[role]
        settings = templates.environment.functions[part.name]
        needed = set(_granted(templates, part))
        needed |= set(_run(names.function_log_group(part.name), tracing=settings.tracing))
        needed |= {(action, "*") for action in _NETWORK if part.vpc}
        yield from _judge(resource, allowed, needed)
    for hook in names.hooks:
        if names.hook_role(hook) in allowed_by_role:
            resource, allowed = allowed_by_role[names.hook_role(hook)]
            tracing = templates.environment.functions[HOOK_SETTINGS].tracing
            yield from _judge(resource, allowed, set(_run(names.hook_log_group(hook), tracing=tracing)))


def _judge(role: Resource, allowed: set[tuple[str, str]], needed: set[tuple[str, str]]) -> Found:
    for action, resource in sorted(needed - allowed):
        yield role, f"may not {action} on {resource}"


def _allowed(templates: Templates) -> dict[str, tuple[Resource, set[tuple[str, str]]]]:
    """Name of each role → it, and what it and its managed policies allow; what has no resource level, by region."""
    found: dict[str, tuple[Resource, set[tuple[str, str]]]] = {}
    for role in templates.of_type("AWS::IAM::Role"):
        found[str(role.get("RoleName"))] = (role, set(_pairs(role)))
    for policy in templates.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for name in listed(policy.get("Roles")):
            if name in found:
                found[name][1].update(_pairs(policy))
    return found


def _pairs(resource: Resource) -> Iterator[tuple[str, str]]:
    here = {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}
    for statement in statements_of(resource):
        open_ended = resources_of(statement) == ["*"] and statement.get("Condition") == here
        if statement.get("Effect") == "Allow" and (open_ended or "Condition" not in statement):
            yield from ((action, item) for action in actions_of(statement) for item in resources_of(statement))


def _run(log_group: str, *, tracing: bool) -> Iterator[tuple[str, str]]:
    yield from ((action, as_text(arns.regional("logs", f"log-group:{log_group}:*"))) for action in _LOGS)
    if tracing:
        yield from ((action, "*") for action in _TRACES)


def _granted(templates: Templates, part: Function) -> Iterator[tuple[str, str]]:
    """What routes and events were granted, what the event sources read, and what is told of failures."""
    names = templates.names
    for grant in part.grants:
        arn = as_text(make_arn(names, grant.verb.part, grant.verb.path))
        yield from ((action, arn) for action in grant.verb.actions)
    for source in part.sources:
        yield from ((action, as_text(make_arn(names, source.part))) for action in _SOURCES.get(source.part.kind, ()))
    told = [part.calls.on_success, part.calls.on_failure] if part.calls else []
    told += [getattr(source, "on_failure", None) for source in part.sources if source.part.kind == "table"]
    for destination in told:
        if destination:
            yield _DELIVER[destination.kind], as_text(make_arn(names, destination))


RULE = Rule(
    id="function-grants",
    holds="The role of a function allows every verb that the service grants it, on exactly the part, and what "
    "Lambda does with the role: logs, traces, network, reading its queues, telling of failures.",
    why="A call that is not allowed fails when it is made, which for a rare route is long after the deploy.",
    source='Lambda developer guide, "Defining Lambda function permissions with an execution role"; `tapgen guide '
    "permissions`",
    find=_find,
)
