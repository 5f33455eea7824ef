"""Keeps the last drift report beside the release records, and reads it: a hint for the next deploy, and no record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.aws import objects
from tapgen.deploy.drift.model import decode_report, encode_report

if TYPE_CHECKING:
    from tapgen.deploy.drift.model import DriftReport
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment


def keep_report(context: Context, deployment: Deployment, report: DriftReport) -> None:
    """Put the report in the place of the one before."""
    key = object_keys.drift_key(deployment.name)
    objects.put_object(context.aws.client("s3"), deployment.bucket, key, encode_report(report))


def read_report(context: Context, deployment: Deployment) -> DriftReport | None:
    """The last report; None when nobody ever looked (one read)."""
    stored = objects.read_object(context.aws.client("s3"), deployment.bucket, object_keys.drift_key(deployment.name))
    return decode_report(stored.body) if stored else None
