"""What a service writes: each call checks its words at once and answers a frozen value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from tapgen.journey.matchers import anything, below, one_of
from tapgen.journey.steps import PURPOSES, SUCCESS, Delivery, Event, Expectation, Leftovers, Request
from tapgen.journey.values import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tapgen.journey.steps import Purpose

# What a clean-up may find: gone already, by the walk itself.
_GONE = (404, 410)


def request(  # noqa: PLR0913 - each is one side of a request, and all but the first are optional
    route: str,
    *,
    name: str = "",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    as_user: str | None = None,
    expect: int | Expectation | None = None,
    save: Mapping[str, str] | None = None,
    clean_up: bool = False,
    unless: str = "",
    repeat: int = 1,
    within_s: float = 0.0,
    only: Sequence[Purpose] = (),
) -> Request:
    """A request: ``request("POST /orders", body={…}, expect=201, save={"order": "orderId"})``.

    Args:
        route: Method and path; ``{order}`` in the path is a saved value, whatever the route calls it.
        name: Of the step; the route when left out.
        body: Sent as JSON.
        headers: More headers, names in lower case.
        query: The query string's parameters.
        as_user: Who asks; the walk's user when left out, nobody with ``NOBODY``.
        expect: The status, or all of the answer; any success when left out.
        save: Values for the steps that follow: name → path in the answer's body, or ``header("etag")``.
        clean_up: Whether it runs at the end even when a step failed. Any success does, and so does 404 or 410.
        unless: The step that makes this clean-up needless when it went well.
        repeat: How often it is sent in all, with the same values; each answer must be as expected.
        within_s: How long it is tried again until the answer is as expected: for what happens a little later.
        only: The walks that it belongs to; all of them when left out.

    Raises:
        ValueError: The route is none, or a value makes no sense.
    """
    method, _, path = route.partition(" ")
    _require(method.isupper() and path.startswith("/"), f"request({route!r}): write METHOD /path")
    _require(repeat >= 1, f"request({route!r}): repeat={repeat} is less than 1")
    _require(not unless or clean_up, f"request({route!r}): unless= is for clean-ups")
    return Request(
        name=name or route,
        method=method,
        path=path,
        body=_plain(body),
        headers={key.lower(): value for key, value in (headers or {}).items()},
        query=dict(query or {}),
        as_user=as_user,
        expect=_expectation(expect, clean_up=clean_up),
        save=dict(save or {}),
        clean_up=clean_up,
        unless=unless,
        repeat=repeat,
        within_s=within_s,
        only=_purposes(only),
    )


def event(  # noqa: PLR0913 - each is one side of an event, and all but the first are optional
    payload: Any,
    *,
    name: str = "",
    expect: Any = None,
    deliver: Delivery = "invoke",
    save: Mapping[str, str] | None = None,
    clean_up: bool = False,
    unless: str = "",
    repeat: int = 1,
    only: Sequence[Purpose] = (),
) -> Event:
    """An event: ``event(sqs_event([{"orderId": "7"}]), expect={"batchItemFailures": []})``.

    Args:
        payload: What the function is invoked with; ``sqs_event`` and its neighbours make the common ones.
        name: Of the step.
        expect: What the result has to be like; anything but an error when left out.
        deliver: ``source`` sends it through the function's event source where the walker can reach that; hooks cannot,
            since a source invokes the live version.
        save: Values for the steps that follow: name → path in the result.
        clean_up: Whether it runs at the end even when a step failed.
        unless: The step that makes this clean-up needless when it went well.
        repeat: How often it is delivered in all.
        only: The walks that it belongs to; all of them when left out.

    Raises:
        ValueError: A value makes no sense.
    """
    _require(repeat >= 1, f"event(): repeat={repeat} is less than 1")
    _require(deliver in get_args(Delivery), f"event(): deliver={deliver!r} is neither 'invoke' nor 'source'")
    _require(not unless or clean_up, "event(): unless= is for clean-ups")
    return Event(
        name=name or _event_name(payload),
        payload=_plain(payload),
        expect=anything() if expect is None else _plain(expect),
        deliver=deliver,
        save=dict(save or {}),
        clean_up=clean_up,
        unless=unless,
        repeat=repeat,
        only=_purposes(only),
    )


def leftovers(listing: Request, *, items: str, created: str, delete: Request) -> Leftovers:
    """How to find and delete what crashed walks left; see ``Leftovers``."""
    return Leftovers(
        listing=listing,
        items=items,
        created=created,
        delete=replace(delete, expect=Expectation(status=one_of(*SUCCESS, *_GONE))),
    )


def header(name: str) -> str:
    """The path of an answer's header, for ``save``."""
    return f"{HEADER}{name.lower()}"


def below_500() -> Expectation:
    """An answer that is no failure of the service."""
    return Expectation(status=below(500))


def _expectation(expect: int | Expectation | None, *, clean_up: bool) -> Expectation:
    if isinstance(expect, Expectation):
        return Expectation(
            status=_plain(expect.status),
            body=_plain(expect.body),
            headers={key.lower(): value for key, value in expect.headers.items()},
            absent=tuple(expect.absent),
        )
    if expect is not None:
        return Expectation(status=expect)
    return Expectation(status=one_of(*SUCCESS, *_GONE)) if clean_up else Expectation()


def _plain(value: Any) -> Any:
    """The value as JSON has it, so that it is the same after a journey was written and read.

    Raises:
        ValueError: JSON cannot hold it.
    """
    try:
        return json.loads(json.dumps(value))
    except TypeError as error:
        raise ValueError(f"a journey holds what JSON can hold: {error}") from error


def _purposes(only: Iterable[Purpose]) -> tuple[Purpose, ...]:
    for purpose in only:
        _require(purpose in PURPOSES, f"only={purpose!r}: the walks are {', '.join(PURPOSES)}")
    return tuple(only)


def _event_name(payload: Any) -> str:
    """``3 records of aws:sqs``, ``empty batch``, or what an event of a bus is about."""
    if not isinstance(payload, dict):
        return "event"
    if "detail-type" in payload:
        return str(payload["detail-type"])
    records = payload.get("Records")
    if records == []:
        return "empty batch"
    if not isinstance(records, list) or not isinstance(records[0], dict):
        return "event"
    source = records[0].get("eventSource") or records[0].get("EventSource")
    return f"{len(records)} record{'' if len(records) == 1 else 's'} of {source}"


def _require(holds: bool, text: str) -> None:  # noqa: FBT001 - the condition itself
    if not holds:
        raise ValueError(text)
