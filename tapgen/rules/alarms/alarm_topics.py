"""Topics of alarms let CloudWatch and EventBridge publish, and tell whom the configuration names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, in_document
from tapgen.elements.rule import Found, Rule, listed
from tapgen.iam import arns

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

_SEVERITIES = ("warning", "critical")


def _find(templates: Templates) -> Found:
    by_name = {item.get("TopicName"): item for item in templates.of_type("AWS::SNS::Topic")}
    for severity in _SEVERITIES:
        topic = by_name.get(templates.names.topic(severity))
        if topic is None:
            if templates.whole:
                yield "observability.Resources", f"has no topic {templates.names.topic(severity)}"
            continue
        yield from _judge_publishers(templates, topic)
        yield from _judge_endpoints(templates, topic, severity)


def _judge_publishers(templates: Templates, topic: Resource) -> Found:
    statements = [
        statement
        for policy in templates.of_type("AWS::SNS::TopicPolicy")
        if policy.stack == topic.stack and {"Ref": topic.logical_id} in listed(policy.get("Topics"))
        for statement in in_document(policy.get("PolicyDocument"))
        if statement.get("Effect") == "Allow"
        and "sns:Publish" in actions_of(statement)
        and {"Ref": topic.logical_id} in listed(statement.get("Resource"))
    ]
    alarms = {
        "ArnLike": {"aws:SourceArn": arns.regional("cloudwatch", f"alarm:{templates.names.prefix}-*")},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }
    # EventBridge sends no condition keys to SNS: a statement with one would drop every notification (EventBridge user
    # guide, "Using resource-based policies", Amazon SNS permissions).
    for principal, condition in (("cloudwatch.amazonaws.com", alarms), ("events.amazonaws.com", None)):
        wanted = {"Service": principal}
        if not any(item.get("Principal") == wanted and item.get("Condition") == condition for item in statements):
            yield topic, f"does not let {principal} publish, for this deployment alone"


def _judge_endpoints(templates: Templates, topic: Resource, severity: str) -> Found:
    wanted = {(item.protocol, item.endpoint) for item in getattr(templates.environment.notifications, severity)}
    found = {
        (item.get("Protocol"), item.get("Endpoint"))
        for item in templates.of_type("AWS::SNS::Subscription")
        if item.stack == topic.stack and item.get("TopicArn") == {"Ref": topic.logical_id}
    }
    for protocol, endpoint in sorted(wanted - found):
        yield topic, f"does not tell {endpoint} by {protocol}"
    for protocol, endpoint in sorted(found - wanted, key=str):
        yield topic, f"tells {endpoint} by {protocol}, which `notifications.{severity}` does not name"


RULE = Rule(
    id="alarm-topics",
    holds="The topics of warnings and of what cannot wait let CloudWatch publish for this deployment's alarms and "
    "EventBridge for its rules, and tell exactly whom `notifications` names.",
    why="A topic that refuses an alarm drops it without a word.",
    source='CloudWatch user guide, "Notifying users on alarm changes"; EventBridge user guide, "Using '
    'resource-based policies", Amazon SNS permissions',
    find=_find,
)
