"""The dead-letter queue: taking its messages, giving them back, deleting what is settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import error_code, translated
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Longer than a replay of one message takes, shorter than anybody waits for those that an interrupted replay left.
_HIDDEN_S = 300
# ReceiveMessage gives at most ten (SQS API reference).
_BATCH = 10
_FIFO = ("MessageGroupId", "MessageDeduplicationId")


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message that nobody else sees for some minutes."""

    message_id: str
    body: str
    receipt_handle: str
    receives: int = 0
    """How often it was received, this time included; 0 when SQS does not say."""
    fifo: Mapping[str, str] = field(default_factory=dict)
    """``MessageGroupId`` and ``MessageDeduplicationId`` of a FIFO queue's message."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What its sender attached."""


def find_queue(client: SQSClient, name: str) -> str:
    """The queue's URL.

    Raises:
        UsageError: There is no such queue.
    """
    from botocore.exceptions import ClientError

    with translated(f"find the queue {name}"):
        try:
            return client.get_queue_url(QueueName=name)["QueueUrl"]
        except ClientError as error:
            if "NonExistentQueue" in error_code(error) or "QueueDoesNotExist" in error_code(error):
                raise UsageError(
                    f"there is no queue {name}",
                    hint="is the environment deployed? see `tapgen status`",
                    code="no-queue",
                ) from error
            raise


def take_all(client: SQSClient, url: str) -> list[Message]:
    """Every message that can be seen, hidden from others until it is deleted or given back."""
    taken: list[Message] = []
    with translated("receive dead letters"):
        while True:
            # A short poll asks some of the servers alone and may find nothing where there is something (SQS developer
            # guide, "short and long polling").
            answer = client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN_S,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                return taken
            taken += [_message(item) for item in messages]


def _message(item: MessageTypeDef) -> Message:
    system = item.get("Attributes", {})
    return Message(
        message_id=item["MessageId"],
        body=item["Body"],
        receipt_handle=item["ReceiptHandle"],
        receives=int(system.get("ApproximateReceiveCount", 0)),
        fifo={name: system[name] for name in _FIFO if name in system},
        attributes=item.get("MessageAttributes", {}),
    )


def send_back(client: SQSClient, url: str, message: Message) -> None:
    """Send a message to the queue that it came from; deleting it here is the caller's, afterwards."""
    with translated(f"send the dead letter {message.message_id} back"):
        # Botocore takes no empty id: a standard queue's message has none.
        fifo: Any = message.fifo
        client.send_message(QueueUrl=url, MessageBody=message.body, MessageAttributes=dict(message.attributes), **fifo)


def give_back(client: SQSClient, url: str, messages: Sequence[Message]) -> None:
    """Let others see the messages at once."""
    with translated("give dead letters back"):
        for message in messages:
            client.change_message_visibility(QueueUrl=url, ReceiptHandle=message.receipt_handle, VisibilityTimeout=0)


def delete(client: SQSClient, url: str, message: Message) -> None:
    """Delete a message that is settled."""
    with translated(f"delete the dead letter {message.message_id}"):
        client.delete_message(QueueUrl=url, ReceiptHandle=message.receipt_handle)
