"""One batch of the archiver: one object for each run of good records, failures reported by sequence number.

For streams Lambda retries from the lowest failed sequence number on (Lambda developer guide, "partial batch response").
So everything before a poison record is archived, and the record itself is reported: bisected and retried, it ends alone
in the dead-letter queue, and what follows it is archived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from handlers.archiver.records import PoisonRecordError, compress, object_key, to_line

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics


class Archiver:
    """Writes batches to one bucket."""

    def __init__(self, client: Any, bucket: str, *, logger: Logger, metrics: Metrics) -> None:
        self._client = client
        self._bucket = bucket
        self._logger = logger
        self._metrics = metrics

    def archive(self, event: dict[str, Any]) -> dict[str, Any]:
        """Archive a batch; answers the partial batch response."""
        lines, failed = self._read(event["Records"])
        if lines:
            # One object a day: a batch around midnight is two.
            for day in sorted({line["approximateCreationTime"][:10] for line in lines}):
                self._write([line for line in lines if line["approximateCreationTime"][:10] == day])
        self._metrics.add_metric("RecordsArchived", MetricUnit.Count, len(lines))
        return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}

    def _read(self, records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
        """Lines up to the first poison record, and that record's sequence number."""
        lines: list[dict[str, Any]] = []
        for record in records:
            try:
                lines.append(to_line(record))
            except PoisonRecordError as error:
                sequence_number = str(record.get("dynamodb", {}).get("SequenceNumber", ""))
                self._logger.warning("poison record", reason=str(error), sequence_number=sequence_number)
                self._metrics.add_metric("PoisonRecords", MetricUnit.Count, 1)
                if not sequence_number:
                    # Nothing to report it by: fail the batch, which Lambda then bisects down to the record.
                    raise
                return lines, sequence_number
        return lines, ""

    def _write(self, lines: list[dict[str, Any]]) -> None:
        key = object_key(lines)
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=compress(lines),
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )
        self._logger.info("archived", key=key, records=len(lines))
