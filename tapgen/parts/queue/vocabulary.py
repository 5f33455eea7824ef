"""How ``config/service.py`` writes a queue, and the one for its dead letters."""

from __future__ import annotations

from typing import Any

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place, tell
from tapgen.parts.part import pascal_case, upper_case
from tapgen.parts.queue.model import Queue


class Queues(Collector):
    """Makes queues."""

    def queue(  # noqa: PLR0913 - a queue has this many independent sides
        self,
        name: str,
        *,
        fifo: bool = False,
        dead_letter_after: int | None = None,
        holds_failures: bool = False,
        key: str = "",
        variable: str | None = None,
        logical_id: str | None = None,
        **settings: Any,
    ) -> Queue:
        """A queue; with ``dead_letter_after``, it gets a second one for messages that failed so often.

        Args:
            name: Of the queue, without the deployment's prefix.
            fifo: In order, exactly once; its physical name ends with ``.fifo``.
            dead_letter_after: Receives after which a message goes to ``<name>-dead-letters``.
            holds_failures: Whether what arrives is trouble that somebody must look at; then one message alarms.
            key: Of others that encrypts it: ``existing.key(arn)``; ``encryption`` decides when left out.
            variable: The variable that a grant brings; ``FULFILMENT_QUEUE_URL`` when left out.
            logical_id: Of the resource, for a deployed stack that has another.
            **settings: Defaults of ``queues.<name>``: ``retention_days``, ``visibility_timeout_s`` …
        """
        place = calling_place()
        if dead_letter_after is not None and not 1 <= dead_letter_after <= 1000:
            tell(f"dead_letter_after={dead_letter_after}: SQS allows 1 to 1000 receives")
        letters = self._dead_letters(name, fifo=fifo, key=key) if dead_letter_after else None
        return self.add(
            Queue(
                name=name,
                logical_id=logical_id or f"{pascal_case(name)}Queue",
                fifo=fifo,
                dead_letter_after=dead_letter_after,
                dead_letters=letters,
                holds_failures=holds_failures,
                variable=variable or f"{upper_case(name)}_QUEUE_URL",
                defaults=settings,
                key_arn=key,
                place=place,
            )
        )

    def _dead_letters(self, name: str, *, fifo: bool, key: str) -> Queue:
        return self.add(
            Queue(
                name=f"{name}-dead-letters",
                logical_id=f"{pascal_case(name)}DeadLetterQueue",
                fifo=fifo,
                holds_failures=True,
                variable=f"{upper_case(name)}_DEAD_LETTERS_QUEUE_URL",
                key_arn=key,
                place=calling_place(),
            )
        )
