"""Where the embedded AWS serves an HTTP API: stable URLs that need neither DNS nor a Host header."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

API_PREFIX = "/apis/"
"""The path under which every API answers; too short and too plain to be one of MiniStack's own routes."""
DOMAIN_PREFIX = "/domains/"
"""The path under which every custom domain name answers."""
_DEFAULT_ENDPOINT = ".execute-api."


def api_url(endpoint_url: str, api_id: str) -> str:
    """The base URL of an HTTP API on the embedded AWS, without a trailing slash.

    Paths follow it as they follow ``https://{api_id}.execute-api.{region}.amazonaws.com``: a stage name first, or
    nothing for ``$default``. Example: ``http://127.0.0.1:4566/apis/1a2b3c4d``.
    """
    return f"{endpoint_url.rstrip('/')}{API_PREFIX}{api_id}"


def public_url(endpoint_url: str, outputs: Mapping[str, str]) -> str:
    """The base URL on the embedded AWS of the API that a root stack has; empty without one.

    ``https://api.example.com/orders`` is ``http://127.0.0.1:4566/domains/api.example.com/orders``.

    Args:
        endpoint_url: Of the embedded AWS.
        outputs: Of the root stack: ``ApiId``, and ``ApiUrl``, by which callers reach the API.
    """
    api_id = outputs.get("ApiId")
    if not api_id:
        return ""
    url = urlsplit(outputs.get("ApiUrl", ""))
    if not url.hostname or url.hostname.startswith(f"{api_id}{_DEFAULT_ENDPOINT}"):
        return api_url(endpoint_url, api_id)
    return f"{endpoint_url.rstrip('/')}{DOMAIN_PREFIX}{url.hostname}{url.path}".rstrip("/")
