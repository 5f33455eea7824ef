"""The owner that a request expects of a bucket: another one refuses the request.

The CDK and other tools send it with every upload, so that nothing goes into a bucket that somebody else has taken;
MiniStack does not look at it. Source: S3 user guide, "Verifying bucket ownership with bucket owner condition".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.services import s3

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.settings import Settings

_S3 = "ministack.services.s3"
_HANDLE = Seam(
    module=_S3,
    attribute="handle_request",
    parameters=("method", "path", "headers"),
    gap="does not look at the owner that a request expects",
)
SEAMS: tuple[Seam, ...] = (
    _HANDLE,
    Seam(module=_S3, attribute="_bucket_owner_account", parameters=("name",), gap="called only: whose a bucket is"),
    Seam(module=_S3, attribute="_error", parameters=("code", "message", "status"), gap="called only: a refusal"),
)

_BUCKET = "x-amz-expected-bucket-owner"
_SOURCE = "x-amz-source-expected-bucket-owner"


def install(settings: Settings) -> None:
    """Look before a request is served."""
    del settings
    replace(_HANDLE, _looking(original(_HANDLE)))


def _looking(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(handle)
    async def look_and_handle(method: str, path: str, headers: dict[str, str], *rest: Any, **options: Any) -> Any:
        source = headers.get("x-amz-copy-source", "")
        if _is_other(path, headers.get(_BUCKET)) or _is_other(source, headers.get(_SOURCE)):
            return s3._error("AccessDenied", "Access Denied", 403)  # noqa: SLF001 - a seam
        return await handle(method, path, headers, *rest, **options)

    return look_and_handle


def _is_other(path: str, expected: str | None) -> bool:
    """Whether the bucket of a path is somebody else's; one that does not exist is nobody's."""
    if not expected:
        return False
    owner = s3._bucket_owner_account(path.removeprefix("/").partition("/")[0])  # noqa: SLF001 - a seam
    return owner is not None and owner != expected
