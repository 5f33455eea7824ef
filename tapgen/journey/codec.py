"""Journeys as JSON documents and back: a hook reads its journeys from a file in its zip."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from tapgen.journey.steps import Event, Expectation, Journey, Leftovers, Request, Step

_KIND = "kind"
_TUPLES = {"only", "absent"}


def to_document(journey: Journey) -> dict[str, Any]:
    """The journey as JSON has it; what is as a step's default is left out."""
    return {
        "steps": [_write_step(step) for step in journey.steps],
        **({"leftovers": _write(journey.leftovers)} if journey.leftovers else {}),
        **({"weak": journey.weak} if journey.weak else {}),
    }


def from_document(document: dict[str, Any]) -> Journey:
    """The journey of a document.

    Raises:
        ValueError: It is no journey's.
    """
    try:
        found = document.get("leftovers")
        return Journey(
            steps=tuple(_read_step(step) for step in document["steps"]),
            leftovers=_read_leftovers(found) if found else None,
            weak=document.get("weak", ""),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"this is no journey: {error!r}") from error


def _write_step(step: Step) -> dict[str, Any]:
    return {_KIND: "request" if isinstance(step, Request) else "event", **_write(step)}


def _write(value: Any) -> Any:
    """A frozen value as JSON, without the members that are as its class has them."""
    written: dict[str, Any] = {}
    for member in fields(value):
        found = getattr(value, member.name)
        if found == _default(member):
            continue
        written[member.name] = (
            _write(found) if is_dataclass(found) else list(found) if isinstance(found, tuple) else found
        )
    return written


def _default(member: Field[Any]) -> Any:
    return member.default if member.default_factory is MISSING else member.default_factory()


def _read_step(document: dict[str, Any]) -> Step:
    known = dict(document)
    kind = known.pop(_KIND)
    if kind == "event":
        return Event(**_members(known))
    if kind != "request":
        raise ValueError(f"{kind!r} is no kind of step")
    return _read_request(known)


def _read_request(document: dict[str, Any]) -> Request:
    return Request(**{**_members(document), "expect": Expectation(**_members(document.get("expect", {})))})


def _read_leftovers(document: dict[str, Any]) -> Leftovers:
    return Leftovers(
        listing=_read_request(document["listing"]),
        items=document["items"],
        created=document["created"],
        delete=_read_request(document["delete"]),
    )


def _members(document: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in _TUPLES else value for name, value in document.items()}
