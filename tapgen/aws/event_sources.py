"""Delivers events through a function's event sources, and waits until the source has none left.

What a source invokes answers nobody: all that can be seen from outside is that it took what there was.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import translated
from tapgen.errors import AwsError
from tapgen.journey.transport import CannotCarryError, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.aws.session import Aws

_TIMEOUT_S = 30.0
_POLL_S = 0.2
_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class SourceSender:
    """Sends events to the sources of one function.

    Args:
        aws: Clients that may send.
        function: Its physical name.
        alias: That its sources invoke.
        timeout_s: How long a source may take.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        aws: Aws,
        function: str,
        *,
        alias: str,
        timeout_s: float = _TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._aws = aws
        self._function = function
        self._alias = alias
        self._timeout_s = timeout_s
        self._sleep = sleep

    def send(self, event: Any) -> None:
        """Send the records of an event to the source that they name, and wait until they are taken.

        Raises:
            CannotCarryError: No source of the function takes such an event from here.
            NoAnswerError: It was not taken in time, or may not be sent.
        """
        records = event.get("Records") if isinstance(event, dict) else None
        if not isinstance(records, list) or not records or records[0].get("eventSource") != "aws:sqs":
            raise CannotCarryError("only messages of a queue are sent through their source")
        try:
            self._send_messages(records)
        except AwsError as error:
            raise NoAnswerError(error.why or error.what) from error

    def _send_messages(self, records: list[dict[str, Any]]) -> None:
        client = self._aws.client("sqs")
        queue_arn = self._find_queue()
        with translated(f"send messages to {queue_arn}"):
            account_id, name = queue_arn.split(":")[-2:]
            url = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account_id)["QueueUrl"]
            for record in records:
                body = record["body"] if isinstance(record["body"], str) else json.dumps(record["body"])
                group: Any = (
                    {"MessageGroupId": "journey", "MessageDeduplicationId": record["messageId"]}
                    if name.endswith(".fifo")
                    else {}
                )
                client.send_message(QueueUrl=url, MessageBody=body, **group)
            self._await_empty(client, url, name)

    def _find_queue(self) -> str:
        client = self._aws.client("lambda")
        with translated(f"find the queues of {self._function}"):
            name = f"{self._function}:{self._alias}"
            mappings = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        arns = [mapping["EventSourceArn"] for mapping in mappings if ":sqs:" in mapping.get("EventSourceArn", "")]
        if not arns:
            raise CannotCarryError("no queue invokes the function")
        return arns[0]

    def _await_empty(self, client: Any, url: str, name: str) -> None:
        deadline_s = time.monotonic() + self._timeout_s
        while True:
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=list(_WAITING))["Attributes"]
            waiting = sum(int(found[attribute]) for attribute in _WAITING)
            if not waiting:
                return
            if time.monotonic() > deadline_s:
                raise NoAnswerError(f"{waiting} messages are still in {name}", expected="an empty queue")
            self._sleep(_POLL_S)
