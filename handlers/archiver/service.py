"""One batch of the archiver: good records into the archive, bad ones to the dead letters, failures by sequence number.

For streams Lambda delivers again from the lowest failed sequence number on (Lambda developer guide, "partial batch
response"). Everything else of the batch is done by then and is not undone: delivered again it changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from handlers.archiver.archive import ArchiveBusyError
from handlers.archiver.dead_letters import sequence_number
from handlers.archiver.records import PoisonRecordError, is_archived, object_key, to_line

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics

    from handlers.archiver.archive import Archive
    from handlers.archiver.dead_letters import DeadLetters
    from handlers.archiver.records import Line

_FAILURES = (ArchiveBusyError, BotoCoreError, ClientError)


class Archiver:
    """Writes batches to one archive."""

    def __init__(self, archive: Archive, letters: DeadLetters, *, logger: Logger, metrics: Metrics) -> None:
        self._archive = archive
        self._letters = letters
        self._logger = logger
        self._metrics = metrics

    def archive(self, event: dict[str, Any]) -> dict[str, Any]:
        """Archive a batch; answers the partial batch response.

        A batch of ``tapgen archive replay`` says ``replay``: its poison records are in the queue already, so they are
        not sent once more, and the answer has ``reasons`` by sequence number.
        """
        replay = event.get("replay") is True
        lines, poison = self._read([record for record in event["Records"] if is_archived(record)])
        reasons = self._write(lines)
        for record, reason in poison:
            if replay or not self._send(record, reason):
                reasons[sequence_number(record)] = reason
        self._metrics.add_metric("RecordsArchived", MetricUnit.Count, len(lines))
        answer: dict[str, Any] = {"batchItemFailures": [{"itemIdentifier": number} for number in reasons]}
        return answer | {"reasons": reasons} if replay else answer

    def _read(self, records: list[dict[str, Any]]) -> tuple[list[Line], list[tuple[dict[str, Any], str]]]:
        """Lines, and what cannot become one with its reason."""
        lines: list[Line] = []
        poison: list[tuple[dict[str, Any], str]] = []
        for record in records:
            try:
                lines.append(to_line(record))
            except PoisonRecordError as error:
                poison.append((record, str(error)))
                # The reason names attributes, never their values.
                self._logger.warning("poison record", reason=str(error), sequence_number=sequence_number(record))
        self._metrics.add_metric("PoisonRecords", MetricUnit.Count, len(poison))
        return lines, poison

    def _write(self, lines: list[Line]) -> dict[str, str]:
        """Add lines to their objects; the sequence numbers of those that could not be, with the reason."""
        objects: dict[str, list[Line]] = {}
        for line in lines:
            objects.setdefault(object_key(line), []).append(line)
        failed: dict[str, str] = {}
        for key, belonging in objects.items():
            try:
                self._archive.add(key, belonging)
            except _FAILURES as error:
                self._logger.exception("not archived", key=key, records=len(belonging))
                failed |= {line["sequenceNumber"]: repr(error) for line in belonging}
            else:
                self._logger.info("archived", key=key, records=len(belonging))
        return failed

    def _send(self, record: dict[str, Any], reason: str) -> bool:
        try:
            self._letters.send(record, reason=reason)
        except _FAILURES:
            self._logger.exception("dead letter not sent", sequence_number=sequence_number(record))
            if not sequence_number(record):
                # Nothing to report it by: fail the batch, which Lambda then bisects down to the record.
                raise
            return False
        return True
