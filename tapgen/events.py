"""Everything the engine can say while it works. A terminal, a CI log and NDJSON are listeners of these values.

The engine emits events and never prints; a listener renders them and never decides. ``as_dict`` is the stable shape of
``--json``: ``type`` is the kebab-case name of the class, the rest are its fields.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.model import Change, Failure, Shift, ShiftOutcome


# CloudFormation's form for what a resource's handler answered; the token is of use to AWS support alone.
_WRAPPED = re.compile(r'^Resource handler returned message: "(.*)" \(RequestToken: [^)]*\)$', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: ``{"type": "stack-event", …fields}``; times are ISO 8601."""
        kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()
        return {"type": kind, **_plain(dataclasses.asdict(self))}


@dataclass(frozen=True, kw_only=True)
class StepStarted(Event):
    """A step of an operation begins: ``render``, ``upload``, ``change-set``, ``execute`` …"""

    step: str
    text: str


@dataclass(frozen=True, kw_only=True)
class StepFinished(Event):
    """A step ended well; ``text`` says what came of it."""

    step: str
    text: str
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """Something worth knowing that is not a step: a fact or a warning."""

    code: str
    """Stable, for scripts: docs/reference/codes.md has them all."""
    level: Literal["info", "warning"]
    text: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class UploadProgressed(Event):
    """Bytes on their way to the artifact bucket, over all objects."""

    done_bytes: int
    total_bytes: int
    done_objects: int
    total_objects: int


@dataclass(frozen=True, kw_only=True)
class ChangesPlanned(Event):
    """The change set, nested stacks included, as one tree."""

    stack: str
    kind: Literal["CREATE", "UPDATE"]
    change_set_id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class AdoptedPart:
    """A resource that exists and is about to be imported."""

    part: str
    """Its path in the release: ``Data.Table``."""
    resource_type: str
    physical_id: str
    differences: tuple[str, ...]
    """What the next deploy changes of it, one sentence each."""


@dataclass(frozen=True, kw_only=True)
class AdoptionPlanned(Event):
    """What an adoption imports, and in which steps."""

    parts: tuple[AdoptedPart, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """One kind of thing that costs something whatever the traffic."""

    item: str
    """``alarm``, ``dashboard`` …"""
    count: float
    """More than before; negative for fewer."""
    usd: float
    """More in a month."""


@dataclass(frozen=True, kw_only=True)
class CostsPlanned(Event):
    """What a change set changes of the costs that do not depend on traffic; not told when that is nothing."""

    usd: float
    """More in a month, by list prices; negative for less."""
    items: tuple[CostItem, ...]
    region: str
    prices_as_of: str
    """ISO date of the price table."""


@dataclass(frozen=True, kw_only=True)
class StackEvent(Event):
    """One CloudFormation event of the root or of a nested stack."""

    stack: str
    """``root`` or the nested stack's logical id path, e.g. ``Compute``."""
    logical_id: str
    resource_type: str
    status: str
    reason: str
    timestamp: datetime
    physical_id: str = ""

    @property
    def plain_reason(self) -> str:
        """What the service said, without the resource handler's wrapping around it."""
        wrapped = _WRAPPED.match(self.reason)
        return wrapped.group(1) if wrapped else self.reason


@dataclass(frozen=True, kw_only=True)
class ShiftProgressed(Event):
    """A traffic shift after a visible change: of its weight, a step, a guard alarm or its status."""

    shift: Shift


@dataclass(frozen=True, kw_only=True)
class ScenarioJudged(Event):
    """One scenario of a rehearsal has ended."""

    scenario: str
    passed: bool
    text: str
    """How it was caught, or the first thing that did not happen."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What had to happen and what happened, requests and times, JSON-ready."""


@dataclass(frozen=True, kw_only=True)
class Asked(Event):
    """The operator is about to be asked something: whoever draws on the terminal gets out of the way."""

    question: str


@dataclass(frozen=True, kw_only=True)
class Result(Event):
    """The last event of every operation."""

    status: Literal["done", "unchanged", "prepared", "started", "declined", "failed", "detached"]
    operation: str
    deployment: str
    exit_code: int
    release_id: str = ""
    sequence: int = 0
    """Number of the release's record; 0 where none was written or read."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    shifts: tuple[ShiftOutcome, ...] = ()
    failure: Failure | None = None
    error: Mapping[str, str] | None = None


Listener = Callable[[Event], None]
"""Receives every event in order; must not raise."""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
