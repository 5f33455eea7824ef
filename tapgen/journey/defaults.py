"""The journey of a function whose service gives none: it proves little, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.journey.events import empty_batch
from tapgen.journey.steps import NOBODY, Journey
from tapgen.journey.vocabulary import below_500, event, request

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH_SOURCES = ("queue", "stream", "topic", "bucket")
"""Kinds of event sources that deliver ``Records``, of which there may be none."""
_HEALTH = ("/health", "/healthz", "/ping", "/status")
_WRITE_ONE = "give the function a journey (`tapgen guide journeys`)"


def default_journey(*, routes: Iterable[str] = (), public: Iterable[str] = (), sources: Iterable[str] = ()) -> Journey:
    """What can be tried of a function without knowing what it is for, and how little that proves (``weak``).

    Args:
        routes: ``METHOD /path`` of its HTTP routes.
        public: Those of them that are open to everybody.
        sources: Kinds of its event sources: ``queue``, ``stream``, ``topic``, ``bucket``, ``schedule``, ``bus`` …
    """
    reads = [route for route in routes if route.startswith("GET /")]
    health = next((route for route in reads if route.partition(" ")[2] in _HEALTH), None)
    if health:
        step = request(health, as_user=NOBODY if health in set(public) else None)
        return Journey(steps=(step,), weak=f"{health} alone was tried: the function starts and answers; {_WRITE_ONE}")
    if reads:
        # The fewest parameters: they are filled with what does not exist, and "not found" is an answer, too.
        route = min(reads, key=lambda each: (each.count("{"), len(each)))
        step = request(_with_unique(route), expect=below_500(), as_user=NOBODY if route in set(public) else None)
        return Journey(
            steps=(step,),
            weak=f"{route} alone was tried, and any answer below 500 was taken; {_WRITE_ONE}",
        )
    if any(source in BATCH_SOURCES for source in sources):
        return Journey(
            steps=(event(empty_batch()),),
            weak=f"an empty batch alone was tried: the function starts and answers; {_WRITE_ONE}",
        )
    return Journey(weak=f"nothing was tried: each event does the function's work; {_WRITE_ONE}")


def _with_unique(route: str) -> str:
    method, _, path = route.partition(" ")
    parts = ["{unique}" if part.startswith("{") else part for part in path.split("/")]
    return f"{method} {'/'.join(parts)}"
