"""What of a bucket crosses a stack's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.wiring import NAME, Value

if TYPE_CHECKING:
    from tapgen.parts.bucket.model import Bucket

ACCESS_LOG_BUCKET_NAME = Value("AccessLogBucketName", "Bucket with the access logs of the other buckets", NAME)


def name(part: Bucket) -> Value:
    """The bucket's name."""
    return Value(f"{part.logical_id}Name", f"Name of the {part.name} bucket", NAME, derivable=True)
