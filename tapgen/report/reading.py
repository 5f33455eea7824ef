"""Reads the report that a deploy left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws import objects
from tapgen.object_keys import report_key
from tapgen.report.model import decode

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.report.model import Report


def read_stored(context: Context, deployment: Deployment, sequence: int) -> Report | None:
    """The report of a release; None when none was left.

    Raises:
        UsageError: A newer tapgen wrote it, or it is damaged.
    """
    key = report_key(deployment.name, sequence, "json")
    stored = objects.read_object(context.aws.client("s3"), deployment.bucket, key)
    return decode(stored.body, place=f"s3://{deployment.artifact_bucket}/{key}") if stored else None
