"""What a check answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    id: str
    """Of the check, kebab-case; stable, so that scripts may name it."""
    outcome: Outcome
    why: str
    """What was seen, with the thing's name and the wrong value."""
    fix: str = ""
    """What to do; empty where nothing is to be done."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """Makes the findings of one check."""

    id: str

    def passed(self, why: str) -> Finding:
        """All is as it must be."""
        return Finding(id=self.id, outcome="passed", why=why)

    def failed(self, why: str, fix: str) -> Finding:
        """Something is not."""
        return Finding(id=self.id, outcome="failed", why=why, fix=fix)

    def skipped(self, why: str, fix: str = "") -> Finding:
        """It could not be judged, for a reason that is nobody's fault."""
        return Finding(id=self.id, outcome="skipped", why=why, fix=fix)
