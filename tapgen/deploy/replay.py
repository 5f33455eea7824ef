"""Puts dead letters back into the archive: the live archiver gets their records once more, and says what it thinks.

Two kinds lie in the queue. The archiver's own letters hold a record that it refused, with the reason; they can be put
back when a version that takes the record is live. Lambda's letters name the records of a batch that kept failing; those
are read from the stream, which keeps them for a day. A message is deleted when all its records are archived.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tapgen.aws import dead_letters, functions, streams
from tapgen.aws.session import check_account
from tapgen.errors import AwsError
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from tapgen.aws.dead_letters import Message
    from tapgen.aws.session import Aws

Outcome = Literal["archived", "failed", "found", "lost", "refused", "unreadable"]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A dead letter: the records in it, or where the stream has them."""

    reason: str
    stream_arn: str
    first: str
    last: str
    records: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What became of one message.

    Attributes:
        outcome: ``archived`` (and deleted); ``found`` by a dry run; ``refused`` again; ``failed`` to be tried;
            ``lost``, the stream has it no more; ``unreadable``, no letter at all.
        reason: Why it was in the queue.
        detail: Why it still is.
    """

    message_id: str
    outcome: Outcome
    reason: str
    sequence_numbers: str
    detail: str = ""

    @property
    def remains(self) -> bool:
        """True when the message needs somebody to look at it."""
        return self.outcome not in ("archived", "found")


@dataclass(frozen=True, kw_only=True)
class ReplayRequest:
    """Which queue, and who archives."""

    environment: str
    account_id: str
    queue: str
    function: str
    dry_run: bool


def replay(aws: Aws, request: ReplayRequest) -> list[Replayed]:
    """Try every message once; those that stay can be seen again at once.

    Raises:
        CredentialsError: The credentials are of another account.
        UsageError: There is no such queue.
    """
    check_account(aws, environment=request.environment, account_id=request.account_id)
    client = aws.client("sqs")
    url = dead_letters.find_queue(client, request.queue)
    messages = dead_letters.take_all(client, url)
    kept = {message.message_id: message for message in messages}
    replayed: list[Replayed] = []
    try:
        for message in messages:
            done = _replay_one(aws, request, message)
            if done.outcome == "archived":
                dead_letters.delete(client, url, message)
                del kept[message.message_id]
            replayed.append(done)
    finally:
        dead_letters.give_back(client, url, list(kept.values()))
    return replayed


def read_letter(body: str) -> Letter | None:
    """The letter in a message; None when it is neither the archiver's nor Lambda's."""
    try:
        document = json.loads(body)
        if document.get("kind") == "poison-record":
            record = document["record"]
            return Letter(
                reason=str(document["reason"]),
                stream_arn=str(document["streamArn"]),
                first=str(document["sequenceNumber"]),
                last=str(document["sequenceNumber"]),
                records=[record] if record else [],
            )
        batch = document["DDBStreamBatchInfo"]
        return Letter(
            reason=f"{document['requestContext']['condition']}: {batch['batchSize']} records",
            stream_arn=batch["streamArn"],
            first=batch["startSequenceNumber"],
            last=batch["endSequenceNumber"],
            records=[],
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _replay_one(aws: Aws, request: ReplayRequest, message: Message) -> Replayed:
    letter = read_letter(message.body)
    if letter is None:
        return Replayed(
            message_id=message.message_id,
            outcome="unreadable",
            reason="neither the archiver nor Lambda wrote it",
            sequence_numbers="",
        )
    outcome: Outcome = "found"
    detail = ""
    if not request.dry_run:
        outcome, detail = _put_back(aws, request, letter)
    numbers = letter.first if letter.first == letter.last else f"{letter.first} to {letter.last}"
    return Replayed(
        message_id=message.message_id,
        outcome=outcome,
        reason=letter.reason,
        sequence_numbers=numbers,
        detail=detail,
    )


def _put_back(aws: Aws, request: ReplayRequest, letter: Letter) -> tuple[Outcome, str]:
    records = letter.records or streams.read_records(
        aws.client("dynamodbstreams"), letter.stream_arn, first=letter.first, last=letter.last
    )
    if records is None:
        return "lost", "the stream does not hold it any more; the item itself may still be in the table"
    event = {"replay": True, "Records": records}
    try:
        answer = functions.invoke(aws.client("lambda"), request.function, event, qualifier=LIVE_ALIAS)
    except AwsError as error:
        return "failed", error.why or error.what
    if answer["batchItemFailures"]:
        return "refused", "; ".join(sorted(set(answer.get("reasons", {}).values()))) or "the archiver says no"
    return "archived", ""
