"""What a check found. Commands that look at many things at once answer with a list of these."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

Status = Literal["passed", "warned", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    check: str
    """A stable kebab-case id."""
    status: Status
    """``skipped`` could not be judged, and the reason is told; that is nobody's fault."""
    what: str
    """What was seen, with the thing's name and the wrong value."""
    why: str = ""
    """Why that matters, or why it could not be seen, where ``what`` does not tell."""
    fix: str = ""
    """What to do next, in the imperative."""

    def as_dict(self) -> dict[str, str]:
        """The shape that ``--json`` prints."""
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """Makes the findings of one check."""

    check: str

    def passed(self, what: str) -> Finding:
        """All is as it must be."""
        return Finding(check=self.check, status="passed", what=what)

    def failed(self, what: str, fix: str) -> Finding:
        """Something is not."""
        return Finding(check=self.check, status="failed", what=what, fix=fix)

    def skipped(self, what: str, fix: str = "") -> Finding:
        """It could not be judged."""
        return Finding(check=self.check, status="skipped", what=what, fix=fix)


def find_failed(findings: Iterable[Finding]) -> list[Finding]:
    """Those that must be put right."""
    return [finding for finding in findings if finding.status == "failed"]


def counts(findings: Iterable[Finding]) -> dict[Status, int]:
    """How many there are of each status."""
    found = [finding.status for finding in findings]
    return {status: found.count(status) for status in get_args(Status)}
