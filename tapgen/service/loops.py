"""Functions that invoke themselves, alone or through others: a fault, because one message then never ends.

A loop is no fault where a filter of the event source can end it. Rules filter by nature, and a bucket's objects by
their keys, so neither counts. Lambda's own loop detection stops some loops after 16 rounds, and none through a table.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tapgen.parts.faults import tell
from tapgen.parts.topic.model import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Part
    from tapgen.parts.source import Source

_PUBLISH = "sns:Publish"


def check_loops(functions: Sequence[Function]) -> None:
    """Tell of each loop once, at the function that was written first."""
    invoked = {function.name: dict(_invoked(function, functions)) for function in functions}
    told: set[frozenset[str]] = set()
    for function in functions:
        path = _find_way(function.name, function.name, invoked)
        if path and frozenset(path) not in told:
            told.add(frozenset(path))
            ways = [f"{one} {invoked[one][other]}" for one, other in pairwise(path)]
            text = "; ".join(f"function {way}" for way in ways)
            tell(f"a loop: {text}. Give a source filters= that end it, or another part", place=function.place)


def _invoked(function: Function, functions: Sequence[Function]) -> Iterator[tuple[str, str]]:
    """The functions that it can invoke by what it may do, each with how."""
    for grant in function.grants:
        for part, actions in _reached(grant.verb.part, frozenset(grant.verb.actions)):
            for other in functions:
                for source in other.sources:
                    if _feeds(source, part, actions):
                        yield other.name, f"may {grant.verb.name} {grant.verb.part.label}, which invokes {other.name}"


def _reached(part: Part, actions: frozenset[str]) -> Iterator[tuple[Part, frozenset[str]]]:
    yield part, actions
    if isinstance(part, Topic) and _PUBLISH in actions:
        for queue in part.queues:
            yield queue, frozenset({"sqs:SendMessage"})


def _feeds(source: Source, part: Part, actions: frozenset[str]) -> bool:
    return source.part == part and bool(actions & source.fed_by) and not source.filtered


def _find_way(start: str, end: str, invoked: dict[str, dict[str, str]]) -> list[str]:
    """The shortest way from one function to another in one step or more; empty without one."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for following in invoked[way[-1]]:
            if following == end:
                return [*way, end]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
