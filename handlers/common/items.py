"""Partitions of the table that no user owns. A user's id holds no ``#``, so that no request can reach one of them."""

IDEMPOTENCY_PREFIX = "idempotency#"
"""Answers to repeated requests: ``idempotency#<userId>``, sorted by the digest of the key."""
CURSOR_KEYS = "cursor-keys#"
"""Keys that sign cursors, sorted by month."""

OWN_MARK = "#"
"""What every partition above has and no user's has."""
