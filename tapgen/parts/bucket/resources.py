"""Buckets with their policies, and the one bucket that holds the access logs of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere.s3 import EventBridgeConfiguration, NotificationConfiguration

from tapgen.parts.bucket import hardened, values
from tapgen.parts.bucket.names import physical_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.bucket.model import Bucket

LOG_BUCKET, LOG_POLICY = "AccessLogBucket", "AccessLogBucketPolicy"


def build_shared(stack: Stack, context: Context, parts: Sequence[Bucket]) -> None:
    """Where S3 delivers the access logs of the buckets that have them."""
    logged = [part for part in parts if part.access_logs]
    if not logged:
        return
    names = context.names
    logs = stack.add(
        hardened.make_bucket(
            LOG_BUCKET,
            name=names.access_log_bucket,
            tags=context.tags,
            # S3 delivers access logs to buckets with SSE-S3 alone (S3 user guide, "Enabling access logging").
            encryption=hardened.encrypt_with_s3(),
            lifecycle=hardened.expire_after(
                max(context.environment.buckets[part.name].access_log_retention_days for part in logged)
            ),
        )
    )
    delivery = stack.add(
        hardened.make_policy(
            LOG_POLICY,
            bucket=names.access_log_bucket,
            extra=[
                hardened.allow_log_delivery(
                    names.access_log_bucket, sources=[physical_name(names, part) for part in logged]
                )
            ],
        )
    )
    delivery.DependsOn = logs.title
    stack.export(values.ACCESS_LOG_BUCKET_NAME, logs.ref())


def build(stack: Stack, context: Context, part: Bucket) -> None:
    """The bucket and its policy."""
    settings, names = context.environment.buckets[part.name], context.names
    key = stack.take_key(context, part)
    bucket = stack.add(
        hardened.make_bucket(
            part.logical_id,
            name=physical_name(names, part),
            tags=context.tags,
            encryption=hardened.encrypt_with_key(key) if key else hardened.encrypt_with_s3(),
            lifecycle=hardened.move_and_expire(
                glacier_after_days=settings.glacier_after_days, expire_after_days=settings.expire_after_days
            ),
            logging=hardened.log_to(names.access_log_bucket) if part.access_logs else None,
        )
    )
    if part.access_logs and context.first:
        # S3 checks that it may deliver when logging is turned on; a further stack waits for the first.
        bucket.DependsOn = [LOG_BUCKET, LOG_POLICY]
    if any(context.service.consumers(part)):
        bucket.NotificationConfiguration = NotificationConfiguration(
            EventBridgeConfiguration=EventBridgeConfiguration(EventBridgeEnabled=True)
        )
    policy = hardened.make_policy(f"{part.logical_id}Policy", bucket=physical_name(names, part))
    policy.DependsOn = bucket.title
    stack.add(policy)
    stack.export(values.name(part), bucket.ref())
