"""Repeated requests: what a caller's ``Idempotency-Key`` stands for, and how long it does. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

MAX_KEY = 255
"""Characters of a key."""
KEPT_S = 24 * 3600
"""How long a key stands for its first request."""


@dataclass(frozen=True, kw_only=True)
class Idempotency:
    """One request with a key.

    Attributes:
        user_id: The key is this user's; another user's is another key.
        key_digest: The key itself is not stored: callers put names and order numbers into it.
        fingerprint: Tells requests with the same key apart by their bodies.
        now_s: Seconds since the epoch. A record that expired before is as good as deleted: DynamoDB takes up to some
            days to delete it (DynamoDB developer guide, "Using time to live").
    """

    user_id: str
    key_digest: str
    fingerprint: str
    now_s: int

    @property
    def expires_at_s(self) -> int:
        """When the key is free again."""
        return self.now_s + KEPT_S


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a key stood for already."""

    fingerprint: str
    transaction: dict[str, Any]
    """As it was answered, whatever has become of it since."""


def identify(user_id: str, key: str, document: dict[str, Any], *, now_s: int) -> Idempotency:
    """The request with this key and this parsed body; neither spaces nor the order of fields make it another."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return Idempotency(user_id=user_id, key_digest=_digest(key), fingerprint=_digest(canonical), now_s=now_s)


def _digest(text: str) -> str:
    # A body may hold lone surrogates, which have no UTF-8.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
