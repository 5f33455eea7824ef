"""What has drifted, as a value. Pure.

The last report lies in the artifact bucket beside the release records, so that a deploy can say, for one read, what it
is about to overwrite.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from tapgen.diff.words import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1

Seer = Literal["CloudFormation", "tapgen"]


@dataclass(frozen=True, kw_only=True)
class DriftedProperty:
    """One property: what the templates say, and what is there. None on the side that lacks it."""

    path: str
    expected: Any
    actual: Any


@dataclass(frozen=True, kw_only=True)
class DriftedResource:
    """A resource that is not as its template says."""

    stack: str
    """``root``, or the nested stack's logical id."""
    logical_id: str
    resource_type: str
    physical_id: str
    status: Literal["MODIFIED", "DELETED"]
    seen_by: Seer
    properties: tuple[DriftedProperty, ...] = ()
    way_out: str = ""
    """What puts it right, where a drift-reverting change set does not."""

    @property
    def path(self) -> str:
        """``Compute.ApiLogGroup``."""
        return f"{self.stack}.{self.logical_id}"

    @property
    def revertible(self) -> bool:
        """Whether a drift-reverting change set would see it."""
        return self.seen_by == "CloudFormation"


@dataclass(frozen=True, kw_only=True)
class Unchecked:
    """A resource that nobody compared."""

    stack: str
    logical_id: str
    resource_type: str


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """One look at a whole deployment."""

    deployment: str
    release_id: str
    checked_at: datetime
    """By AWS's clock."""
    who: str
    resources: tuple[DriftedResource, ...]
    checked: int
    """How many resources were compared."""
    unchecked: tuple[Unchecked, ...] = ()
    failures: tuple[str, ...] = ()
    """Stacks whose detection did not end well, with CloudFormation's reason."""

    @property
    def drifted(self) -> bool:
        """Whether anything is not as its template says."""
        return bool(self.resources)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; the shape of ``--json`` and of the object in the bucket."""
        document = dataclasses.asdict(self) | {"checked_at": self.checked_at.isoformat()}
        return {"schema_version": SCHEMA_VERSION, "drifted": self.drifted, **document}


def describe(resource: DriftedResource) -> str:
    """What has drifted, on one line."""
    if resource.status == "DELETED":
        return f"{resource.path} is gone"
    drifts = "; ".join(
        f"{each.path} is {value_text(each.actual)} instead of {value_text(each.expected)}"
        for each in resource.properties
    )
    return f"{resource.path} has drifted: {drifts}"


def merge(seen: tuple[DriftedResource, ...], looked: tuple[DriftedResource, ...]) -> tuple[DriftedResource, ...]:
    """CloudFormation's findings with those of our own looks that it does not have.

    Where both name a property of a resource, CloudFormation's word stands: its change set can revert it.
    """
    named = {(each.path, _top(prop.path)) for each in seen for prop in each.properties}
    gone = {each.path for each in seen if each.status == "DELETED"}
    rest = []
    for each in looked:
        properties = tuple(prop for prop in each.properties if (each.path, _top(prop.path)) not in named)
        if each.path not in gone and properties:
            rest.append(dataclasses.replace(each, properties=properties))
    return tuple(sorted((*seen, *rest), key=lambda each: (each.stack, each.logical_id, each.seen_by)))


def encode_report(report: DriftReport) -> bytes:
    """The report as it is kept."""
    return json.dumps(report.as_dict(), indent=1, sort_keys=True, default=str).encode()


def decode_report(body: bytes) -> DriftReport | None:
    """The report that was kept; None when another tapgen wrote it, or it is damaged: it is a hint and no record."""
    try:
        document = json.loads(body)
        if document["schema_version"] != SCHEMA_VERSION:
            return None
        return DriftReport(
            deployment=document["deployment"],
            release_id=document["release_id"],
            checked_at=datetime.fromisoformat(document["checked_at"]),
            who=document["who"],
            resources=tuple(map(_resource, document["resources"])),
            checked=document["checked"],
            unchecked=tuple(Unchecked(**item) for item in document["unchecked"]),
            failures=tuple(document["failures"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _resource(document: Mapping[str, Any]) -> DriftedResource:
    properties = tuple(DriftedProperty(**item) for item in document["properties"])
    return DriftedResource(**{**document, "properties": properties})


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
