"""The table's items, as far as more than one function knows them.

Partitions that no user owns have a ``#`` in their name, which no user's partition has: no request can reach them, no
list shows them, and they are not archived. A user's id may have one; in the table it is escaped.
"""

from __future__ import annotations

from typing import Any

TEXT_ATTRIBUTES = (
    "userId",
    "transactionId",
    "amount",
    "currency",
    "type",
    "status",
    "description",
    "createdAt",
    "updatedAt",
)
"""What every transaction has as text, beside ``metadata`` (a map of texts) and ``version`` (a number)."""

IDEMPOTENCY_PREFIX = "idempotency#"
"""Answers to repeated requests: ``idempotency#<userId>``, sorted by the digest of the key."""
CURSOR_KEYS = "cursor-keys#"
"""Keys that sign cursors, sorted by month."""


def write_partition(user_id: str) -> str:
    """The partition of a user: the id, with ``%`` and ``#`` as ``%25`` and ``%23``."""
    return user_id.replace("%", "%25").replace("#", "%23")


def read_partition(partition: str) -> str:
    """The user whose partition it is."""
    return partition.replace("%23", "#").replace("%25", "%")


def is_own_partition(partition: str) -> bool:
    """True for a partition of the service's own."""
    return "#" in partition


def find_misfit(image: dict[str, Any]) -> str:
    """What keeps an item from being a transaction, or nothing. Attributes beyond a transaction's do no harm."""
    for name in TEXT_ATTRIBUTES:
        if not isinstance(image.get(name, {}).get("S"), str):
            return f"{name} is not text"
    if not isinstance(image.get("version", {}).get("N"), str):
        return "version is not a number"
    metadata = image.get("metadata", {}).get("M")
    if not isinstance(metadata, dict) or any("S" not in value for value in metadata.values()):
        return "metadata is not a map of texts"
    return ""
