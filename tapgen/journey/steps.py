"""Requests and events with their expected outcomes, as frozen values, which ``vocabulary`` makes. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from tapgen.journey.matchers import anything, one_of
from tapgen.journey.values import is_generated, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Purpose = Literal["hook", "probe", "verify", "rehearse", "prove"]
"""Who walks: hooks of a traffic shift, probes during one, ``verify``, a rehearsal's traffic, ``iam prove``."""
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
Delivery = Literal["invoke", "source"]

NOBODY = "$nobody"
"""``as_user`` of a request without credentials."""
SUCCESS = (200, 201, 202, 203, 204, 205, 206)
"""The statuses of success."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """How a request has to be answered.

    Attributes:
        status: The HTTP status; a number, or a matcher.
        body: What the JSON body has to be like (``matchers``); objects may have more fields.
        headers: Name in lower case → text or matcher.
        absent: Paths that the body must not have.
    """

    status: Any = field(default_factory=lambda: one_of(*SUCCESS))
    body: Any = field(default_factory=anything)
    headers: Mapping[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request of a user; ``{name}`` in it is filled in."""

    name: str
    method: str
    path: str
    expect: Expectation = field(default_factory=Expectation)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    as_user: str | None = None
    """Who asks: an id, ``NOBODY``, or None for the walk's user."""
    save: Mapping[str, str] = field(default_factory=dict)
    """Name of a value → its path in the body, or ``header("etag")``."""
    clean_up: bool = False
    unless: str = ""
    repeat: int = 1
    within_s: float = 0.0
    only: tuple[Purpose, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event that the function is invoked with; ``{name}`` in it is filled in."""

    name: str
    payload: Any
    expect: Any = field(default_factory=anything)
    """What the function's result has to be like (``matchers``)."""
    deliver: Delivery = "invoke"
    """``source`` sends it through the function's event source, where the walker can reach that."""
    save: Mapping[str, str] = field(default_factory=dict)
    clean_up: bool = False
    unless: str = ""
    repeat: int = 1
    only: tuple[Purpose, ...] = ()


Step = Request | Event


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """How to find and delete what walks left behind that were ended before they could clean up.

    Attributes:
        listing: Asks for what the walk's user has.
        items: Path of the list in its answer.
        created: Path of an item's time of creation (ISO 8601), by which only old ones are deleted.
        delete: Deletes one; ``{item.id}`` is the item's field ``id``.
    """

    listing: Request
    items: str
    created: str
    delete: Request


@dataclass(frozen=True, kw_only=True)
class Journey:
    """How a function is tried, in order. Clean-up steps run at the end, whatever happened before.

    Raises:
        ValueError: Two steps have one name, or a step uses a value that no earlier one saves.

    Attributes:
        steps: What is tried.
        leftovers: How to find what crashed walks left; None when there is no way.
        weak: Why it proves little; empty when somebody wrote it for this function.
    """

    steps: tuple[Step, ...] = ()
    leftovers: Leftovers | None = None
    weak: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be walked."""
        names: set[str] = set()
        for step in self.steps:
            if step.name in names:
                raise ValueError(f"two steps are called {step.name!r}: give one of them a name=")
            names.add(step.name)
        for step in self.steps:
            if step.unless and step.unless not in names:
                raise ValueError(f"step {step.name!r}: there is no step {step.unless!r} for unless=")
        for purpose in PURPOSES:
            _check_values(self.steps_for(purpose), purpose)

    def steps_for(self, purpose: Purpose) -> tuple[Step, ...]:
        """The steps of one walk."""
        return tuple(step for step in self.steps if not step.only or purpose in step.only)

    def calls_for(self, purpose: Purpose) -> int:
        """How many requests and events one walk sends when all goes well."""
        return sum(step.repeat for step in self.steps_for(purpose) if not (step.clean_up and step.unless))

    @property
    def harmless(self) -> Step | None:
        """The first step that changes nothing and needs no other: a plain GET, or an empty batch."""
        return next((step for step in self.steps if _is_harmless(step)), None)


def _is_harmless(step: Step) -> bool:
    if step.clean_up or (step.only and "hook" not in step.only):
        return False
    if isinstance(step, Event):
        return step.deliver == "invoke" and isinstance(step.payload, dict) and step.payload.get("Records") == []
    used = [*names_in(step.path), *names_in(dict(step.query)), *names_in(dict(step.headers))]
    return step.method in ("GET", "HEAD") and all(is_generated(name) for name in used)


def _check_values(steps: Iterable[Step], purpose: Purpose) -> None:
    """A main step may use what earlier ones save; a clean-up whatever any step saves."""
    steps = tuple(steps)
    known: set[str] = set()
    for step in sorted(steps, key=lambda each: each.clean_up):
        for name in _names_of(step):
            if not is_generated(name) and name.partition(".")[0] not in known:
                raise ValueError(f"step {step.name!r}: no step before it saves {{{name}}} in the walk of {purpose!r}")
        known |= step.save.keys()


def _names_of(step: Step) -> list[str]:
    if isinstance(step, Event):
        return [*names_in(step.payload), *names_in(step.expect)]
    # What is expected may be compared with what the same answer's values are saved as.
    sent = (step.path, step.body, dict(step.headers), dict(step.query), step.as_user)
    wanted = (step.expect.status, step.expect.body, dict(step.expect.headers))
    return [*names_in(list(sent)), *names_in(list(wanted))]
