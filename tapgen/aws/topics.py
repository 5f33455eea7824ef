"""Who is subscribed to a notification topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One endpoint of a topic."""

    protocol: str
    endpoint: str
    confirmed: bool
    """SNS delivers nothing to an endpoint that has not confirmed."""


def list_subscriptions(aws: Aws, topic: str) -> tuple[Subscription, ...]:
    """The subscriptions of a topic, by its ARN.

    SNS says ``PendingConfirmation`` in the place of the ARN of one that is not confirmed (SNS API reference,
    ListSubscriptionsByTopic).
    """
    with translated(f"list the subscriptions of {topic}"):
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        found = [item for page in pages for item in page["Subscriptions"]]
    return tuple(
        Subscription(
            protocol=item["Protocol"],
            endpoint=item["Endpoint"],
            confirmed=item["SubscriptionArn"].startswith("arn:"),
        )
        for item in found
    )
