"""For whom the embedded AWS answers: requests that name this machine, AWS, or a domain that is configured in it.

A web page whose name resolves to 127.0.0.1 (DNS rebinding) reaches every port of its visitor's machine, and its
requests carry its own name in ``Host``. AWS answers for no foreign name either. What the child answers itself needs no
signature, so a page of any origin is refused there (Fetch standard, "Origin header": browsers send it where a page
calls another site).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".on.aws")
"""Zones that AWS alone gives names in: nobody else's page can have one."""


def is_own(host: str, *, is_domain: Callable[[str], bool]) -> bool:
    """Whether a ``Host`` header names the embedded AWS.

    Args:
        host: With or without port; empty where a client sends none, which no browser does.
        is_domain: Whether a host is the custom domain of an API; asked for what is no other name of the embedded AWS.
    """
    name = _strip_port(host.strip().lower())
    if not name or name == "localhost" or name.endswith((".localhost", *_AWS)):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return is_domain(name)


def read_header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The first header of that name, or an empty text."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def _strip_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
