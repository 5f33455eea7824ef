"""Requests over the loopback count as encrypted: the embedded AWS speaks plain HTTP, and nothing leaves the machine.

Without this, the policies that refuse unencrypted transport, which every bucket and queue of these templates carries,
would refuse every request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_PIN_ORIGIN = Seam(
    module="ministack.core.iam_evaluator",
    attribute="pin_request_origin",
    parameters=("source_ip", "secure_transport"),
    gap="aws:SecureTransport is false for every request, as MiniStack serves plain HTTP; AWS serves TLS.",
)

SEAMS: tuple[Seam, ...] = (_PIN_ORIGIN,)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Pin each request as encrypted."""
    pin = original(_PIN_ORIGIN)

    def pin_as_encrypted(source_ip: str, secure_transport: object) -> None:  # noqa: ARG001 - the seam's signature
        pin(source_ip, True)  # noqa: FBT003 - MiniStack's signature

    replace(_PIN_ORIGIN, pin_as_encrypted, also=("ministack.app",))
