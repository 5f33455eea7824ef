"""What a topic delivers to functions and queues: asked for permission, with dead letters where it fails.

MiniStack invokes functions without asking and forgets what a queue's policy has refused. Source: SNS developer guide,
"Fanout to Lambda functions", "Amazon SNS dead-letter queues": what a subscriber's permissions refuse is not tried
again, and goes to the dead-letter queue of the subscription where its policy lets the topic send.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from ministack.services import sns

from tapgen.local.extension.asynchronous.targets import SEAMS as TARGET_SEAMS
from tapgen.local.extension.asynchronous.targets import Target
from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.delivery import messages
from tapgen.local.extension.delivery.authority import SEAMS as AUTHORITY_SEAMS
from tapgen.local.extension.delivery.authority import Caller
from tapgen.local.extension.delivery.failures import Undelivered, no_permission
from tapgen.local.extension.seams import Seam, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_SNS = "ministack.services.sns"
SERVICE = "sns.amazonaws.com"
_TO_FUNCTION = Seam(
    module=_SNS,
    attribute="_deliver_to_lambda",
    parameters=("endpoint", "envelope", "topic_arn", "sub_arn"),
    gap="asks nobody, tries once, and loses what fails",
)
_TO_QUEUE = Seam(
    module=_SNS,
    attribute="_deliver_to_sqs",
    parameters=("endpoint", "envelope", "raw", "raw_message"),
    gap="loses what the queue's policy refuses; knows neither the order nor the deduplication of FIFO queues",
)
SEAMS = (
    _TO_FUNCTION,
    _TO_QUEUE,
    *messages.SEAMS,
    *AUTHORITY_SEAMS,
    *TARGET_SEAMS,
    Seam(module=_SNS, attribute="_topics", parameters=None, gap="read only: the topics of this account"),
)

_LOG = logging.getLogger("tapgen.local")


def install(settings: Settings) -> None:
    """Take over the deliveries to functions and queues."""
    del settings
    replace(_TO_FUNCTION, _deliver_to_function)
    replace(_TO_QUEUE, _deliver_to_queue)


def _deliver_to_function(endpoint: str, envelope: str, topic_arn: str, sub_arn: str, *_: Any) -> None:
    notification = json.loads(envelope)
    record = {"EventVersion": "1.0", "EventSubscriptionArn": sub_arn, "EventSource": "aws:sns", "Sns": notification}
    try:
        Target(arn=endpoint).deliver(json.dumps({"Records": [record]}), Caller(SERVICE, topic_arn).may)
    except Undelivered as error:
        _give_up(error, topic_arn, _subscription(topic_arn, "lambda", endpoint), envelope)
    else:
        _count(topic_arn, "NumberOfNotificationsDelivered")


def _deliver_to_queue(  # noqa: PLR0913, PLR0917 - MiniStack's signature
    endpoint: str,
    envelope: str,
    raw: bool,  # noqa: FBT001 - MiniStack's signature
    raw_message: str,
    message_group_id: str = "",
    message_dedup_id: str = "",
    message_attributes: dict[str, Any] | None = None,
    topic_arn: str = "",
) -> None:
    body = raw_message if raw else envelope
    try:
        _require(topic_arn, endpoint)
        messages.send(
            endpoint,
            body,
            MessageAttributes=message_attributes if raw else None,
            MessageGroupId=message_group_id,
            MessageDeduplicationId=message_dedup_id,
        )
    except Undelivered as error:
        _give_up(error, topic_arn, _subscription(topic_arn, "sqs", endpoint), body)
    else:
        _count(topic_arn, "NumberOfNotificationsDelivered")


def _give_up(error: Undelivered, topic_arn: str, subscription: dict[str, Any], body: str) -> None:
    _LOG.warning("%s: %s", topic_arn, error.message)
    _count(topic_arn, "NumberOfNotificationsFailed")
    redrive = (subscription.get("attributes") or {}).get("RedrivePolicy") or "{}"
    queue = str(json.loads(redrive).get("deadLetterTargetArn", ""))
    if not queue:
        return
    try:
        _require(topic_arn, queue)
        letter = {"ErrorCode": error.code, "ErrorMessage": error.message}
        messages.send(queue, body, MessageAttributes=messages.text_attributes(letter))
    except Undelivered:
        _count(topic_arn, "NumberOfNotificationsFailedToRedriveToDlq")
    else:
        _count(topic_arn, "NumberOfNotificationsRedrivenToDlq")


def _require(topic_arn: str, queue_arn: str) -> None:
    if not Caller(SERVICE, topic_arn).may("sqs:SendMessage", queue_arn):
        raise no_permission("sqs:SendMessage", queue_arn)


def _subscription(topic_arn: str, protocol: str, endpoint: str) -> dict[str, Any]:
    """A topic has one subscription of a protocol for an endpoint."""
    topic = sns._topics.get(topic_arn) or {}  # noqa: SLF001 - a seam
    for each in topic.get("subscriptions", ()):
        if (each.get("protocol"), each.get("endpoint")) == (protocol, endpoint):
            found: dict[str, Any] = each
            return found
    return {}


def _count(topic_arn: str, metric: str) -> None:
    metrics.record("AWS/SNS", {metric: (1.0, "Count")}, [{"TopicName": topic_arn.rpartition(":")[2]}])
