"""A topic tells the queues that the service says, without SNS's envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.parts.made import made, refers_to
from tapgen.parts.topic.model import Topic

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    subscriptions = list(templates.of_type("AWS::SNS::Subscription"))
    for part, topic in made(templates, Topic, "AWS::SNS::Topic", name_property="TopicName"):
        for queue in part.queues:
            fitting = [
                item
                for item in subscriptions
                if item.get("Protocol") == "sqs"
                and refers_to(templates, item.stack, item.get("TopicArn"), part=part)
                and refers_to(templates, item.stack, item.get("Endpoint"), part=queue)
            ]
            if not fitting:
                yield topic, f"does not tell {queue.label}"
            for item in fitting:
                yield from differences(item, {"RawMessageDelivery": True, "FilterPolicy": None})
                yield from _judge_order(templates, item)


def _judge_order(templates: Templates, item: Resource) -> Found:
    queue = templates.trace(item.stack, item.get("Endpoint"))
    if queue is None or queue.resource.stack != item.stack:
        return
    policies = [
        policy.logical_id
        for policy in templates.of_type("AWS::SQS::QueuePolicy")
        if {"Ref": queue.resource.logical_id} in listed(policy.get("Queues"))
    ]
    if not set(policies) & set(listed(item.definition.get("DependsOn"))):
        yield item, f"must depend on {', '.join(policies) or 'a policy of the queue'}: SNS asks whether it may deliver"


RULE = Rule(
    id="topic-queues",
    holds="A topic tells each queue that the service says every notification, as it was published.",
    why="A queue that is not subscribed gets nothing; in SNS's envelope its readers do not find what they expect.",
    source='SNS developer guide, "Amazon SNS raw message delivery"',
    find=_find,
)
