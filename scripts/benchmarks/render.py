"""``scripts/bench render``: rendering against a plain script that imports troposphere and writes the same templates."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scripts.benchmarks.plain_script import load_templates, write_script
from scripts.benchmarks.project import copied_project
from scripts.benchmarks.timing import Figure, measure_in_turn, report, time_process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ENVIRONMENT = "prod"
_MAX_RATIO = 2.0
_MAX_FURTHER = 0.1


def run(*, rounds: int) -> int:
    """Measure and report; 1 when a limit is missed."""
    with copied_project() as project:
        return _run(project, rounds)


def _run(project: Path, rounds: int) -> int:
    tapgen = [sys.executable, "-m", "tapgen", "render"]
    time_process([*tapgen, "--all"], cwd=project)
    environments = len(list((project / "build").iterdir()))
    script = project / "plain.py"
    script.write_text(write_script(load_templates(project / "build" / _ENVIRONMENT / "templates")))
    out = project / "plain"
    out.mkdir()

    def timed(command: Sequence[str]) -> float:
        return time_process(command, cwd=project)

    medians = measure_in_turn(
        {
            "plain": lambda: timed([sys.executable, str(script), str(out)]),
            "one": lambda: timed([*tapgen, "--env", _ENVIRONMENT]),
            "all": lambda: timed([*tapgen, "--all"]),
        },
        rounds=rounds,
    )
    further_s = max(0.0, medians["all"] - medians["one"]) / (environments - 1)
    figures = [
        Figure(
            name=f"tapgen render --env {_ENVIRONMENT}",
            median_s=medians["one"],
            ratio=medians["one"] / medians["plain"],
            limit=_MAX_RATIO,
        ),
        Figure(
            name="each further environment (--all)",
            median_s=further_s,
            ratio=further_s / medians["one"],
            limit=_MAX_FURTHER,
            note="of the first",
        ),
    ]
    return report(figures, baseline_s=medians["plain"], baseline="plain troposphere script, same templates")
