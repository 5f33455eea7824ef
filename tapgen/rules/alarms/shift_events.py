"""Shifts and failed stack operations reach people without anybody watching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, listed, mapping, same
from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates

_CODE_DEPLOY = "CodeDeploy Deployment State-change Notification"
_CLOUD_FORMATION = "CloudFormation Stack Status Change"


def _find(templates: Templates) -> Found:
    if not templates.whole:
        return
    rules = list(templates.of_type("AWS::Events::Rule"))
    for pattern, severity, name in _wanted(templates):
        fitting = [rule for rule in rules if same(rule.get("EventPattern"), pattern)]
        if name:
            fitting = [rule for rule in fitting if rule.get("Name") == templates.names.name("rule", name)]
        told = {topic for rule in fitting if rule.get("State") == "ENABLED" for topic in _topics(templates, rule)}
        if templates.names.topic(severity) not in told:
            yield "observability.Resources", f"no rule tells {templates.names.topic(severity)} of {pattern['detail']}"


def _wanted(templates: Templates) -> Iterator[tuple[dict[str, Any], str, str]]:
    """(pattern, severity, name of the rule where an alarm counts its invocations)."""
    names = templates.names
    for states, severity, name in (
        (["START"], "warning", "shift-starts"),
        (["SUCCESS"], "warning", ""),
        (["FAILURE", "STOP"], "critical", ""),
    ):
        detail = {"application": list(names.applications), "state": states}
        yield {"source": ["aws.codedeploy"], "detail-type": [_CODE_DEPLOY], "detail": detail}, severity, name
    failed = [{"suffix": "_FAILED"}, {"suffix": "ROLLBACK_COMPLETE"}]
    stacks = [{"prefix": arns.regional("cloudformation", f"stack/{names.root_stack}")}]
    changes = {"stack-id": stacks, "status-details": {"status": failed}}
    yield {"source": ["aws.cloudformation"], "detail-type": [_CLOUD_FORMATION], "detail": changes}, "critical", ""


def _topics(templates: Templates, rule: Resource) -> Iterator[str]:
    for target in listed(rule.get("Targets")):
        found = templates.trace(rule.stack, mapping(target).get("Arn"))
        if found:
            yield str(found.resource.get("TopicName"))


RULE = Rule(
    id="shift-events",
    holds="The start and the end of each traffic shift are told as warnings, a shift that fails or is stopped and "
    "a stack operation that fails as critical.",
    why="A rollback that nobody hears of leaves the old version in place, and people believing in the new one.",
    source='CodeDeploy user guide, "Monitoring deployments with Amazon CloudWatch Events"; CloudFormation user '
    'guide, "Managing events with Amazon EventBridge"',
    find=_find,
)
