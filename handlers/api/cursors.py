"""Cursors of lists: positions that callers hand back, signed for one user and one filter.

The keys lie in the table itself, one for each month, made by the first function that needs one and expired by the
table's time to live. So signing needs no permission, no client and no secret that the function does not have already,
and keys rotate by the calendar. See docs/decisions/0004-cursor-keys.md.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from handlers.api import problems
from handlers.api.identifiers import is_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from handlers.api.storage import Table

_KEY_BYTES = 32
# 128 bits: half of the HMAC, which RFC 2104 allows, and as much as an id has.
_MAC_BYTES = 16
# A cursor works in the month after its own; its key goes some time after that.
_KEY_KEPT_S = 100 * 86_400


class Cursors:
    """Signs positions and checks them; keys are read when one is first needed and kept."""

    def __init__(self, table: Table, *, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock
        self._keys: dict[str, bytes] = {}

    def write(self, transaction_id: str, *, user_id: str, filter_text: str) -> str:
        """A cursor that goes on after a transaction."""
        month = self._months()[0]
        position = f"{month}/{transaction_id}"
        mac = _sign(self._key_to_sign(month), position, user_id, filter_text)
        return base64.urlsafe_b64encode(mac + position.encode()).decode().rstrip("=")

    def read(self, cursor: str, *, user_id: str, filter_text: str) -> str:
        """The transaction to go on after.

        Raises:
            Problem: 422 when this service did not make the cursor, not for this user and filter, or long ago.
        """
        try:
            decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            mac, position = decoded[:_MAC_BYTES], decoded[_MAC_BYTES:].decode("ascii")
        except (binascii.Error, ValueError) as error:
            raise _refusal() from error
        month, _, transaction_id = position.partition("/")
        # Only these: a made-up month must not make the service look for keys.
        key = self._key_to_check(month) if month in self._months() and is_id(transaction_id) else None
        if key is None or not hmac.compare_digest(mac, _sign(key, position, user_id, filter_text)):
            raise _refusal()
        return transaction_id

    def _months(self) -> tuple[str, str]:
        """This month and the one before, ``YYYY-MM``."""
        first = datetime.fromtimestamp(self._clock(), UTC).replace(day=1)
        return f"{first:%Y-%m}", f"{first - timedelta(days=1):%Y-%m}"

    def _key_to_check(self, month: str) -> bytes | None:
        if month not in self._keys and (found := self._table.get_cursor_key(month)):
            self._keys[month] = found
        return self._keys.get(month)

    def _key_to_sign(self, month: str) -> bytes:
        key = self._key_to_check(month)
        if key is None:
            fresh = secrets.token_bytes(_KEY_BYTES)
            key = self._table.keep_cursor_key(month, fresh, expires_at_s=int(self._clock()) + _KEY_KEPT_S)
            self._keys[month] = key
        return key


def _sign(key: bytes, position: str, user_id: str, filter_text: str) -> bytes:
    # None of the three can hold a line break.
    return hmac.digest(key, f"{user_id}\n{filter_text}\n{position}".encode(), "sha256")[:_MAC_BYTES]


def _refusal() -> problems.Problem:
    return problems.invalid([{"path": "cursor", "message": "is not a cursor of this list; begin without one"}])
