"""Messages to queues, topics and event buses, as the services themselves take them: with every check and identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import eventbridge, sns, sqs

from tapgen.local.extension.delivery.failures import Undelivered, no_resource
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Mapping

_SQS = "ministack.services.sqs"
_HANDLERS = Seam(module=_SQS, attribute="_HANDLERS", parameters=None, gap="called only: SendMessage")
SEAMS = (
    _HANDLERS,
    Seam(module=_SQS, attribute="_queue_by_arn", parameters=("arn",), gap="read only: a queue by its ARN"),
    Seam(module=_SQS, attribute="_Err", parameters=None, gap="read only: what SQS refuses with"),
    Seam(
        module="ministack.services.sns",
        attribute="publish_internal",
        parameters=("topic_arn", "message", "subject"),
        gap="called only: publishes to a topic",
    ),
    Seam(module="ministack.services.sns", attribute="SnsPublishError", parameters=None, gap="read only: a refusal"),
    Seam(
        module="ministack.services.eventbridge",
        attribute="_put_events",
        parameters=("data", "allow_aws_source"),
        gap="called only: puts an event on a bus, those of services included",
    ),
)


def send(queue_arn: str, body: str, **parameters: Any) -> None:
    """Send a message to a queue.

    Args:
        queue_arn: The queue.
        body: The message.
        parameters: Further parameters of SendMessage; ``MessageAttributes`` as the API has them.

    Raises:
        Undelivered: The queue does not exist or does not take the message.
    """
    queue = sqs._queue_by_arn(queue_arn)  # noqa: SLF001 - a seam
    if queue is None:
        raise no_resource(queue_arn)
    request = {
        "QueueUrl": queue["url"],
        "MessageBody": body,
        **{key: value for key, value in parameters.items() if value},
    }
    try:
        original(_HANDLERS)["SendMessage"](request, queue["url"])
    except sqs._Err as error:  # noqa: SLF001 - a seam
        raise Undelivered("SDK_CLIENT_ERROR", error.message, lasting=True) from error


def publish(topic_arn: str, message: str, **parameters: Any) -> None:
    """Publish to a topic.

    Raises:
        Undelivered: The topic does not exist or does not take the message.
    """
    try:
        if sns.publish_internal(topic_arn, message, **parameters) is None:
            raise no_resource(topic_arn)
    except sns.SnsPublishError as error:
        raise Undelivered("SDK_CLIENT_ERROR", str(error), lasting=True) from error


def put_event(bus_arn: str, entry: Mapping[str, Any]) -> None:
    """Put an event on a bus, as a service of AWS may.

    Raises:
        Undelivered: There is no such bus.
    """
    name = bus_arn.partition(":event-bus/")[2]
    if name != "default" and name not in eventbridge._event_buses:  # noqa: SLF001 - a seam
        raise no_resource(bus_arn)
    eventbridge._put_events({"Entries": [{**entry, "EventBusName": name}]}, allow_aws_source=True)  # noqa: SLF001 - a seam


def text_attributes(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Values as the message attributes of SendMessage; an empty value is none."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items() if value}
