"""A bucket whose objects invoke functions tells EventBridge of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.bucket.model import Bucket, Objects
from tapgen.parts.function.rules.aliases import live_aliases, sources
from tapgen.parts.made import made
from tapgen.parts.names import physical_name
from tapgen.parts.rule.rules.deliveries import Wanted, judge_delivery

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, bucket in made(templates, Bucket, "AWS::S3::Bucket", name_property="BucketName"):
        read = any(templates.environment.service.consumers(part))
        path = "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"
        yield from differences(bucket, {path: True if read else None})
    yield from _judge_sources(templates)


def _judge_sources(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    for function, source in sources(templates, Objects):
        keys = {"object": {"key": [{"wildcard": source.keys}]}} if source.keys != "*" else {}
        detail = {"bucket": {"name": [physical_name(templates.names, source.part)]}, **keys}
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
        wanted = Wanted(pattern=pattern, on_failure=source.on_failure)
        yield from judge_delivery(templates, function, wanted, alias=aliases.get(function.name))


RULE = Rule(
    id="bucket-events",
    holds="New objects of a bucket reach the functions that the service says, and no others do; events that could "
    "not be delivered go to their queue.",
    why="S3 tells nobody by itself: an upload is never handled, and nothing says so.",
    source='S3 user guide, "Using EventBridge"; EventBridge user guide, "Event patterns" and "Event retry policy '
    'and using dead-letter queues"',
    find=_find,
)
