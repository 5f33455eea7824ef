"""UUIDv7 (RFC 9562): ids that sort by time, so that the table's sort key is the order of creation."""

from __future__ import annotations

import re
import secrets

ID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

_UUID = re.compile(ID_PATTERN, re.ASCII)


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


def _write(value: int) -> str:
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
