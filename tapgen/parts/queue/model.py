"""A queue as a user writes it, its verbs, and its messages as an event source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.faults import check_range, tell
from tapgen.parts.part import Part, Verb
from tapgen.parts.source import Source

# Most messages of a batch that is not waited for (Lambda API reference, CreateEventSourceMapping, BatchSize).
_WINDOWLESS_BATCH = 10


@dataclass(frozen=True, kw_only=True)
class Queue(Part):
    """An SQS queue; with dead letters, a message that fails so often is put aside."""

    kind: ClassVar[str] = "queue"

    fifo: bool = False
    dead_letter_after: int | None = None
    """Receives after which a message goes to the dead letters."""
    dead_letters: Queue | None = None
    """Where such messages go."""
    holds_failures: bool = False
    """Whether what arrives is trouble: messages or events that could not be handled."""
    variable: str

    @property
    def send(self) -> Verb:
        """Send messages."""
        return Verb(part=self, name="send", actions=("sqs:SendMessage",))

    @property
    def find(self) -> Verb:
        """Ask for the queue's URL by its name."""
        return Verb(part=self, name="find", actions=("sqs:GetQueueUrl",))

    @property
    def receive(self) -> Verb:
        """Take messages by hand: receive, delete, give more time."""
        actions = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage")
        return Verb(part=self, name="receive", actions=actions)

    @property
    def inspect(self) -> Verb:
        """Read attributes: how many messages wait."""
        return Verb(part=self, name="inspect", actions=("sqs:GetQueueAttributes",))

    def messages(
        self,
        *,
        batch: int = 10,
        window_s: int = 0,
        maximum_concurrency: int | None = None,
        filters: tuple[str, ...] = (),
        logical_id: str | None = None,
    ) -> Messages:
        """The queue's messages as an event source.

        Args:
            batch: Most messages of one invocation (1 to 10,000; 10 for FIFO); above 10 a window is needed.
            window_s: Seconds to wait for a full batch (0 to 300); not with FIFO.
            maximum_concurrency: Concurrent invocations by this queue (2 to 1,000).
            filters: Filter patterns as JSON (Lambda developer guide, "event filtering").
            logical_id: Of the mapping, for a deployed stack that has another.
        """
        check_range("batch", batch, 1, 10 if self.fifo else 10_000)
        check_range("window_s", window_s, 0, 300)
        check_range("maximum_concurrency", maximum_concurrency, 2, 1_000)
        if self.fifo and window_s:
            tell(f"window_s={window_s}: a FIFO queue has no batching window")
        if not self.fifo and batch > _WINDOWLESS_BATCH and not window_s:
            tell(f"batch={batch}: above {_WINDOWLESS_BATCH} messages Lambda wants window_s= of at least 1")
        return Messages(
            part=self,
            batch=batch,
            window_s=window_s,
            maximum_concurrency=maximum_concurrency,
            filters=filters,
            logical_id=logical_id,
        )


@dataclass(frozen=True, kw_only=True)
class Messages(Source):
    """The messages of a queue, read by Lambda's event source mapping."""

    what: ClassVar[str] = "messages"
    fed_by: ClassVar[frozenset[str]] = frozenset({"sqs:SendMessage"})

    @property
    def filtered(self) -> bool:
        """Whether some messages invoke nothing."""
        return bool(self.filters)

    batch: int
    window_s: int
    maximum_concurrency: int | None
    filters: tuple[str, ...]


PART = Queue
