"""What a whole rehearsal came to: rows for a table, a document for scripts, files for whoever looks closer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.rehearsal.drawing import draw
from tapgen.rehearsal.timeline import as_document, make_timeline

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.rehearsal.judging import Verdict
    from tapgen.rehearsal.observation import Observation
    from tapgen.rehearsal.scenarios import Scenario

HEADERS = ("scenario", "what must happen", "what happened", "")
_LONGEST = 84


@dataclass(frozen=True, kw_only=True)
class Report:
    """The end of a rehearsal."""

    environment: str
    baseline: str
    """What the candidate replaced."""
    minute_s: float
    requests_per_min: float
    verdicts: tuple[Verdict, ...]
    skipped: tuple[tuple[Scenario, str], ...]
    """Scenarios that were not rehearsed, and why."""
    folder: Path
    """Where timelines, drawings and ``report.json`` are."""

    @property
    def passed(self) -> bool:
        """Whether every scenario ended as it must."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The scenarios that did not."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """For a table: one row for each thing that had to happen."""
        rows: list[tuple[str, str, str, str]] = []
        for verdict in self.verdicts:
            name = verdict.scenario.name
            for check in verdict.checks:
                rows.append((name, check.must, _shortened(check.happened), "ok" if check.passed else "NOT"))
                name = ""
            rows += [("", "", text, "") for text in [recovery(verdict)] if text]
        rows += [(scenario.name, "", f"not rehearsed: {why}", "-") for scenario, why in self.skipped]
        return rows

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "environment": self.environment,
            "baseline": self.baseline,
            "passed": self.passed,
            "minute_s": self.minute_s,
            "requests_per_min": self.requests_per_min,
            "scenarios": [summary(verdict) for verdict in self.verdicts],
            "skipped": [{"scenario": scenario.name, "why": why} for scenario, why in self.skipped],
        }

    @property
    def path(self) -> Path:
        """``report.json``."""
        return self.folder / "report.json"

    def write(self) -> None:
        """Write ``report.json``."""
        self.path.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")


def summary(verdict: Verdict) -> dict[str, Any]:
    """One scenario for scripts."""
    impact = verdict.impact
    lasted_s = impact.lasted_s
    return {
        "scenario": verdict.scenario.name,
        "title": verdict.scenario.title,
        "passed": verdict.passed,
        "checks": [
            {"subject": check.subject, "must": check.must, "happened": check.happened, "passed": check.passed}
            for check in verdict.checks
        ],
        "requests_while_split": impact.requests,
        "bad_while_split": impact.bad,
        "first_bad_to_alias_back_s": None if lasted_s is None else round(lasted_s, 3),
        "first_bad_to_alias_back_min": None if lasted_s is None else round(lasted_s / verdict.minute_s, 3),
    }


def recovery(verdict: Verdict) -> str:
    """How long callers got bad answers, in both times; empty when none did, or when it never ended."""
    lasted_s = verdict.impact.lasted_s
    if lasted_s is None:
        return ""
    return f"first bad answer to alias back: {lasted_s / verdict.minute_s:.1f} AWS min ({lasted_s:.1f} s here)"


def write_timeline(folder: Path, verdict: Verdict, seen: Observation) -> None:
    """Write a scenario's timeline and its drawing."""
    folder.mkdir(parents=True, exist_ok=True)
    name = verdict.scenario.name
    document = json.dumps(as_document(verdict, seen), indent=2) + "\n"
    (folder / f"{name}.json").write_text(document, encoding="utf-8")
    (folder / f"{name}.svg").write_text(draw(verdict, make_timeline(verdict, seen)), encoding="utf-8")


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
