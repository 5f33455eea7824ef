"""The archive's objects: lines are merged into them, so that a change is there once however often it is delivered.

Lambda delivers a record at least once, and after a failure in another batch than before. A first write is conditional
on there being no object; otherwise the object is read, and written over only while it is the one that was read. S3
compares the ETag (S3 user guide, "Conditional writes").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from handlers.archiver.records import compress, decompress, merge

if TYPE_CHECKING:
    from handlers.archiver.records import Line

# Two shards may hold changes of one second, so that two archivers meet at its object.
_ATTEMPTS = 8
_MOVED = {"ConditionalRequestConflict", "PreconditionFailed"}


class ArchiveBusyError(Exception):
    """Others kept changing the object; the batch is delivered again."""


class Archive:
    """The objects of one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def add(self, key: str, lines: list[Line]) -> None:
        """Make sure that the object holds these lines.

        Raises:
            ArchiveBusyError: Others were faster, again and again.
        """
        if self._put(key, lines, IfNoneMatch="*"):
            return
        for _ in range(_ATTEMPTS):
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            kept = decompress(answer["Body"].read())
            merged = merge(kept, lines)
            if merged == kept or self._put(key, merged, IfMatch=answer["ETag"]):
                return
        raise ArchiveBusyError(key)

    def _put(self, key: str, lines: list[Line], **condition: str) -> bool:
        """False when the condition does not hold."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=compress(merge([], lines)),
                ContentType="application/x-ndjson",
                ContentEncoding="gzip",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _MOVED:
                return False
            raise
        return True
