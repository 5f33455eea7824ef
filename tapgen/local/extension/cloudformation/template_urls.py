"""Templates and stack policies by URL, in every form that S3 has for an object.

MiniStack takes the first part of the path for the bucket, whatever the host says, and never decodes a key. Source: S3
user guide, "Virtual hosting of general purpose buckets", "Using Amazon S3 dual-stack endpoints"; CloudFormation API
reference, CreateStack (a template in S3 has at most 1 MB).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from ministack.services import s3

from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_RESOLVE = Seam(
    module="ministack.services.cloudformation.helpers",
    attribute="_resolve_document",
    parameters=("params", "body_key", "url_key", "label"),
    gap="finds no template by the virtual-hosted URLs that AWS's own tools write",
)
SEAMS: tuple[Seam, ...] = (
    _RESOLVE,
    Seam(
        module="ministack.services.s3",
        attribute="_get_object_data",
        parameters=("bucket_name", "key", "version_id"),
        gap="called only: reads an object",
    ),
)

_LARGEST = 1_000_000
_HOST = re.compile(
    r"""^(?:(?P<bucket>.+)\.)?  # none in a path-style URL
    s3(?:-fips)?(?:\.dualstack)?(?:[.-](?P<region>[a-z0-9-]+))?
    \.amazonaws(?:\.com(?:\.cn)?|\.eu)$""",
    re.VERBOSE,
)


class Place(NamedTuple):
    """An object in S3.

    Attributes:
        bucket: Its bucket.
        key: Its key, decoded.
        version: Its version; empty for the newest.
    """

    bucket: str
    key: str
    version: str


def install(settings: Settings) -> None:
    """Read URLs as S3 does."""
    del settings
    replace(_RESOLVE, _by_place(original(_RESOLVE)))


def read_url(url: str) -> Place | None:
    """The object that a URL names; None when it names none.

    Virtual-hosted and path-style, with and without a region, dual-stack, FIPS; any other host is a path-style endpoint.
    """
    parts = urlsplit(url)
    found = _HOST.match((parts.hostname or "").lower())
    path = unquote(parts.path.removeprefix("/"))
    bucket, key = (found["bucket"], path) if found and found["bucket"] else path.partition("/")[::2]
    version = (parse_qs(parts.query).get("versionId") or [""])[0]
    return Place(bucket, key, version) if parts.scheme in {"http", "https"} and bucket and key else None


def _by_place(resolve: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(resolve)
    def resolve_by_place(params: dict[str, Any], body_key: str, url_key: str, label: str) -> Any:
        url = _first(params, url_key)
        if not url or _first(params, body_key):
            return resolve(params, body_key, url_key, label)
        place = read_url(url)
        if place is None:
            return None, refusal(f"{url_key} must be a supported URL.")
        data = s3._get_object_data(place.bucket, place.key, place.version or None)  # noqa: SLF001 - a seam
        if data is None:
            return None, refusal(f"{label} not found at {url}")
        if body_key == "TemplateBody" and len(data) > _LARGEST:
            return None, refusal(f"Template may not exceed {_LARGEST} bytes in size.")
        try:
            return data.decode("utf-8"), None
        except UnicodeDecodeError:
            return None, refusal(f"Template format error: {url} is not UTF-8 text.")

    return resolve_by_place


def _first(params: dict[str, Any], key: str) -> str:
    value = params.get(key, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
