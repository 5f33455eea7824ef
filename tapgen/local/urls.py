"""Where the embedded AWS serves an HTTP API: one stable URL per API that needs neither DNS nor a Host header."""

from __future__ import annotations

API_PREFIX = "/apis/"
"""The path under which every API answers; too short and too plain to be one of MiniStack's own routes."""


def api_url(endpoint_url: str, api_id: str) -> str:
    """The base URL of an HTTP API on the embedded AWS, without a trailing slash.

    Paths follow it as they follow ``https://{api_id}.execute-api.{region}.amazonaws.com``: a stage name first, or
    nothing for ``$default``. Example: ``http://127.0.0.1:4566/apis/1a2b3c4d``.
    """
    return f"{endpoint_url.rstrip('/')}{API_PREFIX}{api_id}"
