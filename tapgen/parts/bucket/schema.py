"""What the file may say about one bucket, as a pydantic model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tapgen.elements.section import Section

Days = Annotated[int, Field(ge=1, le=36500)]


class BucketSection(Section):
    """An S3 bucket."""

    glacier_after_days: Days | None
    """Days until objects of 128 KB and more move to S3 Glacier Flexible Retrieval; null keeps them where they are."""
    expire_after_days: Days | None
    """Days until objects expire; null keeps them."""
    access_log_retention_days: Days
    """Days that the bucket's access logs are kept; buckets share one place for them, the longest counts."""


SCHEMA = BucketSection
