"""How ``config/service.py`` writes a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.part import pascal_case, upper_case
from tapgen.parts.topic.model import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.parts.queue.model import Queue


class Topics(Collector):
    """Makes topics."""

    def topic(
        self,
        name: str,
        *,
        queues: Sequence[Queue] = (),
        key: str = "",
        variable: str | None = None,
        logical_id: str | None = None,
    ) -> Topic:
        """A topic.

        Args:
            name: Of the topic, without the deployment's prefix.
            queues: Queues that get each notification.
            key: Of others that encrypts it: ``existing.key(arn)``; ``encryption`` decides when left out.
            variable: The variable that a grant brings; ``SHIPPED_TOPIC_ARN`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
        """
        return self.add(
            Topic(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Topic",
                queues=tuple(queues),
                variable=variable or f"{upper_case(name)}_TOPIC_ARN",
                key_arn=key,
                place=calling_place(),
            )
        )
