"""What is out of the ordinary about a release, as its record keeps it: consents, one of several updates, a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class BrokenGlass:
    """A release went past guards that were in ALARM before it began."""

    reason: str
    alarms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Broadening:
    """Somebody let roles do more than before."""

    allowed_by: str
    """ARN of the caller."""
    grants: tuple[str, ...]
    """One a line: ``role: action on resource``."""


@dataclass(frozen=True, kw_only=True)
class NamedAllowances:
    """Somebody allowed resources by name to lose data, protection or an address, or to be open to everybody."""

    allowed_by: str
    replace: tuple[str, ...] = ()
    public: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SuccessiveUpdate:
    """One of several updates that lead to a release."""

    of: str
    """The id of the release that they lead to."""
    text: str


@dataclass(frozen=True, kw_only=True)
class PlannedBy:
    """The sealed plan that was executed."""

    sequence: int
    seal: str
    who: str
    host: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class AdoptedResource:
    """What an adoption brought under the deployment."""

    part: str
    resource_type: str
    physical_id: str
