"""A topic as a user writes it: whom it tells, its verb, and its notifications as an event source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tapgen.parts.part import Part, Verb
from tapgen.parts.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.parts.queue.model import Queue


@dataclass(frozen=True, kw_only=True)
class Topic(Part):
    """An SNS topic."""

    kind: ClassVar[str] = "topic"

    queues: tuple[Queue, ...] = ()
    """Queues that get each notification, as it was published."""
    variable: str

    @property
    def publish(self) -> Verb:
        """Publish notifications."""
        return Verb(part=self, name="publish", actions=("sns:Publish",))

    def notifications(
        self,
        *,
        filter_policy: Mapping[str, Any] | None = None,
        on_failure: Queue | None = None,
        logical_id: str | None = None,
    ) -> Notifications:
        """The topic's notifications as an event source.

        Args:
            filter_policy: Which notifications, by their attributes (SNS developer guide, "filter policies").
            on_failure: A queue for notifications that could not be delivered.
            logical_id: Of the subscription, for a deployed stack that has another.
        """
        return Notifications(
            part=self, filter_policy=dict(filter_policy or {}), on_failure=on_failure, logical_id=logical_id
        )


@dataclass(frozen=True, kw_only=True)
class Notifications(Source):
    """The notifications of a topic: SNS invokes the function."""

    what: ClassVar[str] = "notifications"
    fed_by: ClassVar[frozenset[str]] = frozenset({"sns:Publish"})

    @property
    def filtered(self) -> bool:
        """Whether some notifications invoke nothing."""
        return bool(self.filter_policy)

    filter_policy: Mapping[str, Any] = field(hash=False)
    on_failure: Queue | None


PART = Topic
