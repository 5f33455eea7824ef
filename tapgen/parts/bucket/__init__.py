"""S3 buckets, and the bucket with their access logs."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(
    name="bucket",
    package="tapgen.parts.bucket",
    section="buckets",
    shared="bucket",
    taken={"access-logs": "the access logs of the buckets", "artifacts": "the artifacts of every release"},
    stack="data",
    spread=True,
)
