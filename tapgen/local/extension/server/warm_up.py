"""What MiniStack loads with the first request to a service, loaded in the background after the start instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_SERVICE_MODEL = Seam(
    module="ministack.core.responses",
    attribute="_service_model",
    parameters=("service",),
    gap="The first request to each service waits for its botocore model, and the very first for botocore itself.",
)

SEAMS: tuple[Seam, ...] = (_SERVICE_MODEL,)

_FIRST_USED = ("sts", "s3", "cloudformation", "monitoring", "codedeploy")
"""The services that a deployment calls, in the order in which it does."""


def install(settings: Settings) -> None:
    """Nothing is replaced."""


def warm_up() -> None:
    """Load the models; runs on a thread of its own beside the first requests."""
    for service in _FIRST_USED:
        original(_SERVICE_MODEL)(service)
