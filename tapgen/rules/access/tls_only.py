"""Buckets, queues and topics refuse what comes over plain HTTP."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import actions_of, as_text, in_document
from tapgen.elements.rule import Found, Rule, listed, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.policy_documents import Statement
    from tapgen.elements.templates import Resource, Templates

_POLICIES = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
}
# What carries data, by type; S3's guide refuses every action, and the two others have no action on data beside these.
_ACTIONS = {
    "AWS::S3::Bucket": ("s3:*",),
    "AWS::SNS::Topic": ("sns:Publish",),
    "AWS::SQS::Queue": (
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:PurgeQueue",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ),
}


def _find(templates: Templates) -> Found:
    attached = _attached(templates)
    for resource in templates.of_type(*_POLICIES):
        names = (as_text({"Ref": resource.logical_id}), as_text(resource.properties.get("BucketName")))
        statements = [item for name in names for item in attached.get((resource.stack, name), ())]
        refused = [
            (set(actions_of(statement)), {as_text(item) for item in listed(statement.get("Resource"))})
            for statement in statements
            if _refuses_plain_http(statement)
        ]
        missing = [
            action
            for action in _ACTIONS[resource.type]
            for target in _targets(resource)
            if not any(_covers(actions, action) and targets & set(target) for actions, targets in refused)
        ]
        if not refused:
            yield resource, "has no policy that refuses plain HTTP"
        elif missing:
            yield resource, f"takes {', '.join(dict.fromkeys(missing))} over plain HTTP"


def _attached(templates: Templates) -> dict[tuple[str, str], list[Statement]]:
    """(stack, what a policy is attached to as it is written) → the policy's statements."""
    found: dict[tuple[str, str], list[Statement]] = {}
    for policy_type, attached_by in _POLICIES.values():
        for policy in templates.of_type(policy_type):
            for target in listed(policy.get(attached_by)):
                statements = found.setdefault((policy.stack, as_text(target)), [])
                statements += in_document(policy.get("PolicyDocument"))
    return found


def _refuses_plain_http(statement: Statement) -> bool:
    condition: Any = mapping(mapping(statement.get("Condition")).get("Bool"))
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    # Any further condition would let plain HTTP through where it does not hold.
    alone = condition == {"aws:SecureTransport": "false"} and len(statement["Condition"]) == 1
    return bool(statement.get("Effect") == "Deny" and everybody and alone)


def _covers(actions: set[str], wanted: str) -> bool:
    return any(fnmatchcase(wanted, action) for action in actions)


def _targets(resource: Resource) -> Iterator[tuple[str, ...]]:
    """What a statement must name, each in every way in which it may be written."""
    reference, arn = {"Ref": resource.logical_id}, {"Fn::GetAtt": [resource.logical_id, "Arn"]}
    if resource.type != "AWS::S3::Bucket":
        name = resource.get("QueueName") or resource.get("TopicName")
        service = resource.type.split("::")[1].lower()
        written = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{name}"
        yield (as_text(reference), as_text(arn), written, "*")
        return
    named = f"arn:${{AWS::Partition}}:s3:::{resource.get('BucketName')}"
    referred = f"${{{resource.logical_id}.Arn}}"
    yield (as_text(arn), named, referred, "*")
    yield (f"{named}/*", f"{referred}/*", "*")


RULE = Rule(
    id="tls-only",
    holds="Buckets, queues and topics refuse every action on their data that does not come over TLS, from everybody.",
    why="What is sent over plain HTTP can be read and changed on its way.",
    source='S3 user guide, "Security best practices"; SQS and SNS developer guides, "Security best practices", '
    "enforce encryption of data in transit",
    find=_find,
)
