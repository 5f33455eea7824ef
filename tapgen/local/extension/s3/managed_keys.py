"""Encryption with KMS and no key: S3 uses its own key, ``aws/s3``; MiniStack refuses the request.

Source: S3 user guide, "Specifying server-side encryption with AWS KMS": without a key id, the AWS managed key is used,
whatever the bucket's default is; ``aws:kms:dsse`` is the other algorithm with keys of KMS.
"""

from __future__ import annotations

import functools
import uuid
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_RESOLVE = Seam(
    module="ministack.services.s3",
    attribute="_resolve_sse_write_headers",
    parameters=("headers", "bucket_name"),
    gap="refuses aws:kms without a key id, and aws:kms:dsse",
)
SEAMS: tuple[Seam, ...] = (_RESOLVE,)

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_KMS = ("aws:kms", "aws:kms:dsse")


def install(settings: Settings) -> None:
    """Give the request the key that AWS would."""
    del settings
    replace(_RESOLVE, _with_key(original(_RESOLVE)))


def managed_key() -> str:
    """The ARN of the account's key ``aws/s3`` in the region."""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{get_account_id()}/{get_region()}/aws/s3")
    return f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{identifier}"


def _with_key(resolve: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(resolve)
    def resolve_with_key(headers: dict[str, str], bucket_name: str) -> Any:
        algorithm = headers.get(_ALGORITHM, "")
        if algorithm not in _KMS:
            return resolve(headers, bucket_name)
        named = {**headers, _ALGORITHM: _KMS[0], _KEY: headers.get(_KEY) or managed_key()}
        found, refused = resolve(named, bucket_name)
        return (found if refused else {**found, _ALGORITHM: algorithm}), refused

    return resolve_with_key
