"""Reads queues and topics as a template would describe them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.aws.adoptable.model import Existing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.aws.session import Aws

_QUEUE_NUMBERS = (
    *("DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds"),
    *("VisibilityTimeout", "KmsDataKeyReusePeriodSeconds"),
)
_QUEUE_FLAGS = ("FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled")
_QUEUE_JSON = ("RedrivePolicy", "RedriveAllowPolicy")
_TOPIC_FLAGS = ("FifoTopic", "ContentBasedDeduplication")
_KEY = "KmsMasterKeyId"


def read_queue(aws: Aws, given: str) -> Existing | None:
    """A queue by its name, ARN or URL (one call or two)."""
    client = aws.client("sqs")
    url = given
    if "://" not in given:
        url = client.get_queue_url(QueueName=given.rpartition(":")[2])["QueueUrl"]
    described: Mapping[Any, str] = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    attributes = {str(key): value for key, value in described.items()}
    name = described["QueueArn"].rpartition(":")[2]
    properties: dict[str, Any] = {
        "QueueName": name,
        **{key: int(attributes[key]) for key in _QUEUE_NUMBERS if key in attributes},
        **_flags(attributes, _QUEUE_FLAGS),
        **{key: json.loads(attributes[key]) for key in _QUEUE_JSON if attributes.get(key)},
        **_key(attributes),
    }
    return Existing(
        identifier={"QueueUrl": url},
        physical_id=url,
        name=name,
        properties=properties,
        covered=frozenset({"QueueName", *_QUEUE_NUMBERS, *_QUEUE_FLAGS, *_QUEUE_JSON, _KEY}),
        key_arn=attributes.get(_KEY, ""),
    )


def read_topic(aws: Aws, given: str) -> Existing | None:
    """A topic by its ARN, or by its name in the caller's account and region (one call)."""
    client = aws.client("sns")
    arn = given
    if not given.startswith("arn:"):
        arn = f"arn:{client.meta.partition}:sns:{client.meta.region_name}:{aws.account_id()}:{given}"
    attributes: Mapping[str, str] = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    name = arn.rpartition(":")[2]
    display = attributes.get("DisplayName")
    properties = {
        "TopicName": name,
        **({"DisplayName": display} if display else {}),
        **_flags(attributes, _TOPIC_FLAGS),
        **_key(attributes),
    }
    return Existing(
        identifier={"TopicArn": arn},
        physical_id=arn,
        name=name,
        properties=properties,
        covered=frozenset({"TopicName", "DisplayName", *_TOPIC_FLAGS, _KEY}),
        key_arn=attributes.get(_KEY, ""),
    )


def _flags(attributes: Mapping[str, str], names: Iterable[str]) -> dict[str, bool]:
    return {name: True for name in names if attributes.get(name, "").lower() == "true"}


def _key(attributes: Mapping[str, str]) -> dict[str, str]:
    return {_KEY: attributes[_KEY]} if attributes.get(_KEY) else {}
