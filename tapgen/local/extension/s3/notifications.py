"""Notifications of buckets to functions need the function's permission, before the bucket and with every event.

MiniStack asks queues and topics, and no function. Source: S3 user guide, "Granting permissions to publish event
notification messages to a destination": S3 verifies a destination when it is configured.
"""

from __future__ import annotations

import functools
import json
import logging
from typing import TYPE_CHECKING, Any

from ministack.services import s3

from tapgen.local.extension.asynchronous.targets import SEAMS as TARGET_SEAMS
from tapgen.local.extension.asynchronous.targets import Target
from tapgen.local.extension.delivery.authority import SEAMS as AUTHORITY_SEAMS
from tapgen.local.extension.delivery.authority import Caller
from tapgen.local.extension.delivery.failures import Undelivered
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_S3 = "ministack.services.s3"
SERVICE = "s3.amazonaws.com"
_VALIDATE = Seam(
    module=_S3,
    attribute="_validate_notification_configs",
    parameters=("configs", "bucket_region", "bucket_name", "skip_destination_validation"),
    gap="takes a function that does not allow the bucket",
)
_TO_FUNCTION = Seam(
    module=_S3,
    attribute="_deliver_event_to_lambda",
    parameters=("arn", "event_payload", "bucket_region"),
    gap="invokes without asking",
)
_TO_QUEUE = Seam(
    module=_S3,
    attribute="_deliver_event_to_sqs",
    parameters=("arn", "event_payload", "bucket_region", "bucket_name"),
    gap="adds to a queue while others change it",
)
SEAMS = (
    _VALIDATE,
    _TO_FUNCTION,
    _TO_QUEUE,
    *TARGET_SEAMS,
    *AUTHORITY_SEAMS,
    Seam(module=_S3, attribute="_invalid_notification_config", parameters=("message",), gap="called only: a refusal"),
)

_LOG = logging.getLogger("tapgen.local")


def install(settings: Settings) -> None:
    """Ask functions, and deliver as everybody does."""
    del settings
    replace(_VALIDATE, _asking(original(_VALIDATE)))
    replace(_TO_FUNCTION, _deliver)
    replace(_TO_QUEUE, _deliver)


def _asking(validate: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(validate)
    def ask(
        configs: list[dict[str, Any]],
        bucket_region: str,
        bucket_name: str = "",
        skip_destination_validation: bool = False,  # noqa: FBT001, FBT002 - MiniStack's signature
    ) -> Any:
        refused = validate(configs, bucket_region, bucket_name, skip_destination_validation)
        if refused is not None or skip_destination_validation:
            return refused
        may = Caller(SERVICE, f"arn:aws:s3:::{bucket_name}").may
        functions = [str(each["arn"]) for each in configs if each["type"] == "lambda"]
        denied = [arn for arn in functions if not may("lambda:InvokeFunction", arn)]
        if not denied:
            return None
        message = "Unable to validate the following destination configurations: "
        return s3._invalid_notification_config(message + ", ".join(denied))  # noqa: SLF001 - a seam

    return ask


def _deliver(arn: str, event_payload: dict[str, Any], bucket_region: str, bucket_name: str = "") -> None:
    """S3 forgets what cannot be delivered: its notifications have no dead letters of their own."""
    del bucket_region
    records = event_payload.get("Records") or [{}]
    bucket = bucket_name or (records[0].get("s3") or {}).get("bucket", {}).get("name", "")
    try:
        Target(arn=arn).deliver(json.dumps(event_payload), Caller(SERVICE, f"arn:aws:s3:::{bucket}").may)
    except Undelivered as error:
        _LOG.warning("notification of %s: %s", bucket, error.message)
