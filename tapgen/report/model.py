"""What a report says: values alone, JSON in and out. Moments are seconds since the epoch."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.errors import UsageError
from tapgen.ledger.record import decode as decode_record
from tapgen.ledger.record import encode as encode_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.ledger.record import Record

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stack or a resource at work."""

    stack: str
    """``root``, or the nested stack's logical id."""
    logical_id: str
    resource_type: str
    start: float
    end: float
    status: str
    """The last one."""
    reason: str = ""
    """Of a failure."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A shift as it was seen at a moment."""

    at: float
    weight: float
    """Share of the new version, 0 to 1."""
    status: str
    requests: int
    """Answered by the new version so far."""
    errors: int


@dataclass(frozen=True, kw_only=True)
class AlarmSpan:
    """A guard in one state."""

    name: str
    start: float
    end: float
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One metric of one version; see :class:`tapgen.aws.version_metrics.VersionSeries`."""

    version: str
    metric: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class ShiftStory:
    """One traffic shift from its beginning to its end."""

    function: str
    current_version: str
    target_version: str
    window_min: float
    start: float
    end: float
    samples: tuple[Sample, ...] = ()
    steps: tuple[tuple[float, str, str], ...] = ()
    """(when it was first seen so, lifecycle event, status)."""
    alarms: tuple[AlarmSpan, ...] = ()
    series: tuple[Series, ...] = ()
    words: tuple[str, ...] = ()
    """What it proved, a sentence each."""
    outcome: str = ""
    """``passed``, ``inconclusive``, ``rolled-back``."""


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """A resource that is not as it was."""

    place: str
    """``compute.ApiFunction``."""
    resource_type: str
    action: str
    """``add``, ``modify``, ``replace``, ``remove``, ``new version`` …"""
    details: tuple[str, ...] = ()
    """A property each."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What separates the release from the one before."""

    before: str
    """Which one that is, in words; empty for a first release."""
    resources: tuple[ResourceChange, ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()
    """(``wider`` or ``narrower``, a sentence)."""
    code: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(an artifact in a sentence, its files and dependencies)."""


@dataclass(frozen=True, kw_only=True)
class FixedCosts:
    """What it changes of the costs that do not depend on traffic."""

    usd: float
    items: tuple[tuple[str, float, float], ...]
    """(item, count, USD a month)."""
    region: str
    prices_as_of: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it."""

    record: Record
    bars: tuple[Bar, ...] = ()
    shifts: tuple[ShiftStory, ...] = ()
    changes: Changes | None = None
    costs: FixedCosts | None = None
    missing: tuple[str, ...] = ()
    """What could not be found out, and why."""


def encode(report: Report) -> bytes:
    """The report as JSON; its record as the ledger writes it."""
    record = report.record
    documents = {
        name: json.loads(encode_document(document))
        for name, document in (
            ("intent", record.intent),
            ("plan", record.plan),
            ("execution", record.execution),
            ("outcome", record.outcome),
        )
        if document is not None
    }
    parts = {
        field.name: _plain(getattr(report, field.name))
        for field in dataclasses.fields(Report)
        if field.name != "record"
    }
    return json.dumps({"schema_version": SCHEMA_VERSION, "record": documents, **parts}, indent=1).encode()


def decode(body: bytes, *, place: str) -> Report:
    """The report of its JSON.

    Args:
        body: As ``encode`` wrote it.
        place: Where it lies, for messages.

    Raises:
        UsageError: A newer tapgen wrote it, or it is damaged.
    """
    try:
        document = json.loads(body)
        if document["schema_version"] > SCHEMA_VERSION:
            raise UsageError(
                f"a newer tapgen wrote {place}", hint="use the tapgen that deployed last", code="report-too-new"
            )
        bodies = {name: json.dumps(part).encode() for name, part in document["record"].items()}
        return Report(
            record=decode_record(bodies, place=place),
            bars=tuple(Bar(**each) for each in document["bars"]),
            shifts=tuple(_shift(each) for each in document["shifts"]),
            changes=_changes(document["changes"]) if document["changes"] else None,
            costs=_costs(document["costs"]) if document["costs"] else None,
            missing=tuple(document["missing"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"the report {place} cannot be read",
            why=str(error),
            hint="delete that object: the report is then made from the record",
            code="report-damaged",
        ) from error


def _shift(document: Mapping[str, Any]) -> ShiftStory:
    return ShiftStory(
        **{
            **document,
            "samples": tuple(Sample(**each) for each in document["samples"]),
            "steps": tuple((at, event, status) for at, event, status in document["steps"]),
            "alarms": tuple(AlarmSpan(**each) for each in document["alarms"]),
            "series": tuple(
                Series(**{**each, "points": tuple((at, value) for at, value in each["points"])})
                for each in document["series"]
            ),
            "words": tuple(document["words"]),
        }
    )


def _changes(document: Mapping[str, Any]) -> Changes:
    return Changes(
        before=document["before"],
        resources=tuple(
            ResourceChange(**{**each, "details": tuple(each["details"])}) for each in document["resources"]
        ),
        permissions=tuple((direction, text) for direction, text in document["permissions"]),
        code=tuple((text, tuple(details)) for text, details in document["code"]),
    )


def _costs(document: Mapping[str, Any]) -> FixedCosts:
    return FixedCosts(**{**document, "items": tuple((item, count, usd) for item, count, usd in document["items"])})


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
