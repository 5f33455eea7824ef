"""Ids of transactions and of users.

A transaction's is a UUIDv7 (RFC 9562): they sort by time, so that the table's sort key is the order of creation. A
user's is the subject of a token: up to 255 ASCII characters (OpenID Connect Core 1.0, section 2, ``sub``).
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import quote, unquote

ID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

USER_PATTERN = "[ -~]{1,255}"
"""Printable ASCII: whatever a subject may be, control characters excepted, which no header or log line should carry."""

_UUID = re.compile(ID_PATTERN, re.ASCII)
_USER = re.compile(USER_PATTERN)
# RFC 3986, section 3.3: what stands in a path segment as it is, besides letters, digits and - . _ ~
_SEGMENT_SAFE = "!$&'()*+,;=:@"
_KEPT_ESCAPES = re.compile("%(?:2E|2F|3F)", re.IGNORECASE)


def make_id(now_ms: int) -> str:
    """A fresh UUIDv7: 48 bits of milliseconds, 74 random bits.

    ``secrets`` asks the operating system each time, so that two copies of one snapshot never agree on an id.
    """
    value = now_ms << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return _write(value)


def lowest_id(time_ms: int) -> str:
    """A text that no id of this millisecond or later is less than, and no earlier one is greater than."""
    return _write(time_ms << 80)


def is_id(text: str) -> bool:
    """True for a UUIDv7 in canonical lower case."""
    return _UUID.fullmatch(text) is not None


def is_user(text: str) -> bool:
    """True for what can be a user's id."""
    return _USER.fullmatch(text) is not None


def read_user(segment: str) -> str:
    """The user's id in a path parameter as an HTTP API hands it over.

    It decodes the path before it looks for a route, so that an escaped ``/`` separates and ``?`` ends the path; clients
    take ``.`` and ``..`` for steps. These are therefore escaped twice. Of ``%25`` some gateways keep the escape.
    """
    segment = re.sub("%(?:25)+", "%", segment)
    return _KEPT_ESCAPES.sub(lambda found: unquote(found.group()), segment)


def write_user(user_id: str) -> str:
    """The path segment that leads to the user (RFC 3986), for ``read_user`` at the other end."""
    segment = quote(user_id, safe=_SEGMENT_SAFE)
    if user_id in (".", ".."):
        segment = user_id.replace(".", "%2E")
    for escape in ("%2E", "%2F", "%3F"):
        segment = segment.replace(escape, f"%25{escape[1:]}")
    return segment


def _write(value: int) -> str:
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
