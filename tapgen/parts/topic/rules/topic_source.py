"""The notifications of a topic reach the function that the service says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.parts.function.rules.aliases import invokes, live_aliases, sources
from tapgen.parts.made import refers_to
from tapgen.parts.topic.model import Notifications

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    for function, source in sources(templates, Notifications):
        alias = aliases.get(function.name)
        if alias is None:
            continue
        fitting = [
            item
            for item in templates.of_type("AWS::SNS::Subscription")
            if item.get("Protocol") == "lambda"
            and invokes(templates, item, "Endpoint", alias=alias)
            and refers_to(templates, item.stack, item.get("TopicArn"), part=source.part)
        ]
        if not fitting:
            yield alias, f"nothing tells {function.label} of {source.label}"
        for item in fitting:
            yield from differences(item, {"FilterPolicy": dict(source.filter_policy) or None})
            letters = item.get("RedrivePolicy.deadLetterTargetArn")
            if source.on_failure and not refers_to(templates, item.stack, letters, part=source.on_failure):
                yield item, f"does not keep in {source.on_failure.label} what could not be delivered"
            yield from _judge_permission(templates, item, alias, source)


def _judge_permission(templates: Templates, item: Resource, alias: Resource, source: Notifications) -> Found:
    permissions = [
        permission
        for permission in templates.of_type("AWS::Lambda::Permission")
        if permission.get("Principal") == "sns.amazonaws.com"
        and permission.get("Action") == "lambda:InvokeFunction"
        and invokes(templates, permission, "FunctionName", alias=alias)
        and refers_to(templates, permission.stack, permission.get("SourceArn"), part=source.part)
    ]
    if not permissions:
        yield item, "may not invoke its function: the alias has no permission for this topic"
    elif not {item.logical_id for item in permissions} & set(listed(item.definition.get("DependsOn"))):
        yield item, "must depend on its permission, or the first notifications are refused"


RULE = Rule(
    id="topic-source",
    holds="The notifications of a topic that fit the filter reach the live alias of the function that the service "
    "says, and go to their queue when they could not be delivered.",
    why="SNS gives a notification up after its retries, and without a queue it is lost.",
    source='SNS developer guide, "Fanout to Lambda functions" and "Amazon SNS dead-letter queues"',
    find=_find,
)
