"""What a check found. Commands that look at many things at once answer with a list of these."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Status = Literal["passed", "warned", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    check: str
    """A stable kebab-case id."""
    status: Status
    """``skipped`` could not be looked at; ``why`` tells the reason."""
    what: str
    """What was seen, the value shown."""
    why: str = ""
    """Why that matters, or why it could not be seen."""
    fix: str = ""
    """What to do next, in the imperative."""

    def as_dict(self) -> dict[str, str]:
        """The shape that ``--json`` prints."""
        return asdict(self)


def find_failed(findings: Iterable[Finding]) -> list[Finding]:
    """Those that must be put right."""
    return [finding for finding in findings if finding.status == "failed"]


def counts(findings: Iterable[Finding]) -> dict[str, Any]:
    """How many there are of each status."""
    found = [finding.status for finding in findings]
    return {status: found.count(status) for status in ("passed", "warned", "failed", "skipped")}
