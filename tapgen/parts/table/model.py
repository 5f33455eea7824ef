"""A table as a user writes it: keys, indexes, verbs, and its stream of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tapgen.parts.faults import check_range, tell
from tapgen.parts.part import Part, Verb
from tapgen.parts.source import Source

KeyType = Literal["S", "N", "B"]
# Kinds that Lambda can tell of a batch that failed (Lambda developer guide, "DynamoDB", destinations).
_FAILURES = ("queue", "topic")


@dataclass(frozen=True, kw_only=True)
class Key:
    """An attribute that is part of a key."""

    name: str
    type: KeyType = "S"


@dataclass(frozen=True, kw_only=True)
class Index:
    """A secondary index; a local one has the table's partition key."""

    name: str
    partition_key: Key
    sort_key: Key | None
    local: bool = False
    attributes: tuple[str, ...] | None = None
    """Attributes that it holds beside the keys; None for all of them."""


@dataclass(frozen=True, kw_only=True)
class Table(Part):
    """A DynamoDB table, paid by request."""

    kind: ClassVar[str] = "table"

    partition_key: Key
    sort_key: Key | None = None
    indexes: tuple[Index, ...] = ()
    attributes: tuple[str, ...] = ()
    """What the handlers write besides keys: the time to live may be none of it."""
    stream: bool = False
    """Whether it has a stream though no function reads it."""
    variable: str

    @property
    def keys(self) -> tuple[Key, ...]:
        """The attributes of its own key and of every index's."""
        pairs = [(self.partition_key, self.sort_key), *((one.partition_key, one.sort_key) for one in self.indexes)]
        return tuple(key for pair in pairs for key in pair if key)

    @property
    def get(self) -> Verb:
        """Read one item by its key."""
        return self._on_items("get", "GetItem")

    @property
    def put(self) -> Verb:
        """Write one whole item."""
        return self._on_items("put", "PutItem")

    @property
    def update(self) -> Verb:
        """Change attributes of one item."""
        return self._on_items("update", "UpdateItem")

    @property
    def delete(self) -> Verb:
        """Delete one item."""
        return self._on_items("delete", "DeleteItem")

    @property
    def check(self) -> Verb:
        """Check a condition on an item within a transaction."""
        return self._on_items("check", "ConditionCheckItem")

    @property
    def batch_get(self) -> Verb:
        """Read many items by their keys."""
        return self._on_items("batch_get", "BatchGetItem")

    @property
    def batch_write(self) -> Verb:
        """Write and delete many items; DynamoDB has one action for both."""
        return self._on_items("batch_write", "BatchWriteItem")

    @property
    def scan(self) -> Verb:
        """Read every item."""
        return self._on_items("scan", "Scan")

    def query(self, index: str | None = None) -> Verb:
        """Read the items of one partition, of the table or of an index."""
        known = [item.name for item in self.indexes]
        if index is not None and index not in known:
            tell(f"table {self.name!r} has no index {index!r}; its indexes: {', '.join(known) or 'none'}")
        path = f"/index/{index}" if index else ""
        return Verb(part=self, name=f"query {index}" if index else "query", actions=("dynamodb:Query",), path=path)

    def changes(  # noqa: PLR0913 - each is a property of Lambda's event source mapping
        self,
        *,
        batch: int = 100,
        window_s: int = 0,
        retries: int = 5,
        on_failure: Part | None = None,
        starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON",
        filters: tuple[str, ...] = (),
        parallelization: int = 1,
        logical_id: str | None = None,
    ) -> Changes:
        """The table's stream as an event source: every change, in the order of each item's changes.

        Args:
            batch: Most records of one invocation (1 to 10,000).
            window_s: Seconds to wait for a full batch (0 to 300).
            retries: How often a failed batch is tried again (0 to 10,000) before it goes to ``on_failure``.
            on_failure: A queue or topic that is told of batches that could not be handled.
            starting_position: Where a new mapping begins to read.
            filters: Filter patterns as JSON (Lambda developer guide, "event filtering").
            parallelization: Concurrent batches of a shard (1 to 10).
            logical_id: Of the mapping, for a deployed stack that has another.
        """
        check_range("batch", batch, 1, 10_000)
        check_range("window_s", window_s, 0, 300)
        check_range("retries", retries, 0, 10_000)
        check_range("parallelization", parallelization, 1, 10)
        if starting_position not in ("TRIM_HORIZON", "LATEST"):
            tell(f"starting_position={starting_position!r}: TRIM_HORIZON and LATEST are allowed")
        if on_failure is not None and getattr(on_failure, "kind", "") not in _FAILURES:
            shown = getattr(on_failure, "label", repr(on_failure))
            tell(f"on_failure={shown}: a {' or a '.join(_FAILURES)} is told of batches that failed")
            on_failure = None
        return Changes(
            part=self,
            batch=batch,
            window_s=window_s,
            retries=retries,
            on_failure=on_failure,
            starting_position=starting_position,
            filters=filters,
            parallelization=parallelization,
            logical_id=logical_id,
        )

    def _on_items(self, name: str, action: str) -> Verb:
        return Verb(part=self, name=name, actions=(f"dynamodb:{action}",))


@dataclass(frozen=True, kw_only=True)
class Changes(Source):
    """The stream of a table, read by Lambda's event source mapping."""

    what: ClassVar[str] = "changes"
    fed_by: ClassVar[frozenset[str]] = frozenset(
        f"dynamodb:{action}" for action in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
    )

    @property
    def filtered(self) -> bool:
        """Whether some changes invoke nothing."""
        return bool(self.filters)

    @property
    def taken(self) -> tuple[Part, ...]:
        """The table, and the queue or topic of failures."""
        failures = self.on_failure
        return (*super().taken, *((failures,) if failures and not failures.existing_arn else ()))

    retries: int
    on_failure: Part | None
    starting_position: Literal["TRIM_HORIZON", "LATEST"]
    filters: tuple[str, ...]
    parallelization: int
    batch: int
    window_s: int


PART = Table
