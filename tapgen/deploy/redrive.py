"""Gives dead letters of a queue to those who did not take them once more, and deletes what is taken.

Messages of a queue with a redrive policy go back to their queue. Letters of Lambda, and of functions that write their
own, go to the function's live alias: records from the letter, or from the stream, which keeps them for a day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tapgen.aws import dead_letters, functions, streams
from tapgen.aws.session import check_account
from tapgen.deploy.letters import read_letter
from tapgen.errors import AwsError
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from tapgen.aws.dead_letters import Message
    from tapgen.aws.session import Aws
    from tapgen.deploy.letters import Letter

Outcome = Literal["redriven", "failed", "found", "lost", "refused", "unreadable"]


@dataclass(frozen=True, kw_only=True)
class Redriven:
    """What became of one message.

    Attributes:
        outcome: ``redriven`` (and deleted); ``found`` by a dry run; ``refused`` again; ``failed`` to be tried;
            ``lost``, the stream has it no more; ``unreadable``, no letter at all.
        reason: Why it was in the queue.
        detail: Why it still is.
    """

    message_id: str
    outcome: Outcome
    reason: str
    sequence_numbers: str = ""
    detail: str = ""

    @property
    def remains(self) -> bool:
        """True when the message needs somebody to look at it."""
        return self.outcome not in ("redriven", "found")


@dataclass(frozen=True, kw_only=True)
class RedriveRequest:
    """Which queue, by its physical name."""

    environment: str
    account_id: str
    queue: str
    source_queue: str
    """The queue whose messages end there; empty where letters do."""
    dry_run: bool


def redrive(aws: Aws, request: RedriveRequest) -> list[Redriven]:
    """Try every message once; those that stay can be seen again at once.

    Raises:
        CredentialsError: The credentials are of another account.
        UsageError: There is no such queue.
    """
    check_account(aws, environment=request.environment, account_id=request.account_id)
    client = aws.client("sqs")
    url = dead_letters.find_queue(client, request.queue)
    source_url = dead_letters.find_queue(client, request.source_queue) if request.source_queue else ""
    work = _Redrive(aws, dry_run=request.dry_run, source_url=source_url)
    messages = dead_letters.take_all(client, url)
    kept = {message.message_id: message for message in messages}
    done: list[Redriven] = []
    try:
        for message in messages:
            found = work.try_message(message)
            if found.outcome == "redriven":
                dead_letters.delete(client, url, message)
                del kept[message.message_id]
            done.append(found)
    finally:
        dead_letters.give_back(client, url, list(kept.values()))
    return done


@dataclass
class _Redrive:
    aws: Aws
    dry_run: bool = field(kw_only=True)
    source_url: str = field(kw_only=True)
    readers: dict[str, str] = field(default_factory=dict)
    """Stream → the function that reads it."""

    def try_message(self, message: Message) -> Redriven:
        if self.source_url:
            return self._move(message)
        letter = read_letter(message.body)
        if letter is None:
            text = "neither Lambda nor a function of the service wrote it"
            return Redriven(message_id=message.message_id, outcome="unreadable", reason=text)
        outcome: Outcome = "found"
        detail = ""
        if not self.dry_run:
            outcome, detail = self._deliver(letter)
        return Redriven(
            message_id=message.message_id,
            outcome=outcome,
            reason=letter.reason,
            sequence_numbers=letter.numbers,
            detail=detail,
        )

    def _move(self, message: Message) -> Redriven:
        reason = f"received {message.receives} times" if message.receives else "moved there by its queue"
        if self.dry_run:
            return Redriven(message_id=message.message_id, outcome="found", reason=reason)
        dead_letters.send_back(self.aws.client("sqs"), self.source_url, message)
        return Redriven(message_id=message.message_id, outcome="redriven", reason=reason)

    def _deliver(self, letter: Letter) -> tuple[Outcome, str]:
        event: Any = letter.payload
        if letter.stream_arn:
            records = letter.records or streams.read_records(
                self.aws.client("dynamodbstreams"), letter.stream_arn, first=letter.first, last=letter.last
            )
            if records is None:
                return "lost", "the stream does not hold it any more; the item itself may still be in the table"
            # A function that answers the records one by one may tell why it refuses one again.
            event = {"replay": True, "Records": records}
        try:
            function = letter.function_arn or self._find_reader(letter.stream_arn)
            if not function:
                return "failed", f"no function reads {letter.stream_arn or 'it'}"
            answer = functions.invoke(self.aws.client("lambda"), _name_of(function), event, qualifier=LIVE_ALIAS)
        except AwsError as error:
            return "failed", error.why or error.what
        return _judge(answer)

    def _find_reader(self, stream_arn: str) -> str:
        if stream_arn not in self.readers:
            self.readers[stream_arn] = functions.find_reader(self.aws.client("lambda"), stream_arn)
        return self.readers[stream_arn]


def _judge(answer: Any) -> tuple[Outcome, str]:
    """A partial batch response that names records refuses them (Lambda developer guide, "partial batch response")."""
    if not isinstance(answer, dict) or not answer.get("batchItemFailures"):
        return "redriven", ""
    reasons = answer.get("reasons")
    told = sorted(set(map(str, reasons.values()))) if isinstance(reasons, dict) else []
    return "refused", "; ".join(told) or "the function says no"


def _name_of(arn: str) -> str:
    """``arn:…:function:NAME[:QUALIFIER]`` → the function's name."""
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn
