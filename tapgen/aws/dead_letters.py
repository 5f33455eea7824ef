"""The dead-letter queue: taking its messages, giving them back, deleting what is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.failures import error_code, translated
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs import SQSClient

# Longer than a replay of one message takes, shorter than anybody waits for those that an interrupted replay left.
_HIDDEN_S = 300
# ReceiveMessage gives at most ten (SQS API reference).
_BATCH = 10


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message that nobody else sees for some minutes."""

    message_id: str
    body: str
    receipt_handle: str


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
                QueueUrl=url, MaxNumberOfMessages=_BATCH, VisibilityTimeout=_HIDDEN_S, WaitTimeSeconds=1
            )
            messages = answer.get("Messages", [])
            if not messages:
                return taken
            taken += [
                Message(message_id=item["MessageId"], body=item["Body"], receipt_handle=item["ReceiptHandle"])
                for item in messages
            ]


def give_back(client: SQSClient, url: str, messages: Sequence[Message]) -> None:
    """Let others see the messages at once."""
    with translated("give dead letters back"):
        for message in messages:
            client.change_message_visibility(QueueUrl=url, ReceiptHandle=message.receipt_handle, VisibilityTimeout=0)


def delete(client: SQSClient, url: str, message: Message) -> None:
    """Delete a message that is settled."""
    with translated(f"delete the dead letter {message.message_id}"):
        client.delete_message(QueueUrl=url, ReceiptHandle=message.receipt_handle)
