"""Services that send on behalf of the service's parts are let in, each for its part alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import actions_of, as_text, in_document
from tapgen.elements.rule import Found, Rule, listed, mapping
from tapgen.parts.deliveries import list_senders
from tapgen.parts.made import made
from tapgen.parts.queue.model import Queue

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    senders = list(list_senders(templates.names, templates.environment.service))
    for part, queue in made(templates, Queue, "AWS::SQS::Queue", name_property="QueueName"):
        for sender in senders:
            if sender.queue == part and not _admits(templates, queue, sender.principal, sender.source_arn):
                text = f"does not let {sender.principal} send on behalf of {as_text(sender.source_arn)}"
                yield queue, text


def _admits(templates: Templates, queue: Resource, principal: str, source_arn: Any) -> bool:
    for policy in templates.of_type("AWS::SQS::QueuePolicy"):
        if policy.stack != queue.stack or {"Ref": queue.logical_id} not in listed(policy.get("Queues")):
            continue
        for statement in in_document(policy.get("PolicyDocument")):
            condition = mapping(statement.get("Condition"))
            if (
                statement.get("Effect") == "Allow"
                and statement.get("Principal") == {"Service": principal}
                and "sqs:SendMessage" in actions_of(statement)
                and {"Fn::GetAtt": [queue.logical_id, "Arn"]} in listed(statement.get("Resource"))
                and source_arn in listed(mapping(condition.get("ArnEquals")).get("aws:SourceArn"))
            ):
                return True
    return False


RULE = Rule(
    id="queue-senders",
    holds="A queue lets SNS and EventBridge send on behalf of the topics and rules that the service connects with "
    "it, and of no others.",
    why="A notification or event that the queue refuses is lost without a word; without the condition, anybody's "
    "topic could send.",
    source='SQS developer guide, "Basic examples of Amazon SQS policies"; SNS developer guide, "Fanout to Amazon '
    'SQS queues"',
    find=_find,
)
