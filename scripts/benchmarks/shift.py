"""``scripts/bench shift``: from the first bad answer of a new version to its alias being back on the old one.

Production's own configuration, guards included, on the embedded AWS: what is measured is how soon its alarms see a bad
version and how soon CodeDeploy acts, in AWS minutes, against the length of the canary that they cut short.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from scripts.benchmarks.project import copied_project
from scripts.benchmarks.timing import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ENVIRONMENT = "prod"
_SCENARIOS = ("throws", "answers-500", "slow")
# An alarm looks once a minute, ten seconds after it; a slow answer must be one in two of three minutes.
_LIMITS = {"throws": 0.25, "answers-500": 0.25, "slow": 0.5}


def run(*, rounds: int) -> int:
    """Measure and report; 1 when a limit is missed."""
    with copied_project() as project:
        canary_min = _canary_min(project)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in _SCENARIOS}
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", end="\r", file=sys.stderr, flush=True)
            for name, times in _rehearse(project).items():
                taken[name].append(times)
    print(" " * 20, end="\r", file=sys.stderr)
    return _report(taken, canary_min)


def _report(taken: dict[str, list[tuple[float, float]]], canary_min: float) -> int:
    print(f"first bad answer to alias back, {_ENVIRONMENT}, against its canary of {canary_min:g} AWS min")
    missed = 0
    for name, times in taken.items():
        minutes = statistics.median(minute for _, minute in times)
        figure = Figure(
            name=name,
            median_s=statistics.median(wall_s for wall_s, _ in times),
            ratio=minutes / canary_min,
            limit=_LIMITS[name],
        )
        missed |= not figure.passed
        print(
            f"{figure.name:<14} {figure.median_s:>5.1f} s here   {minutes:>4.1f} AWS min   ratio {figure.ratio:>5.2f}"
            f"   limit {figure.limit:<4} {'ok' if figure.passed else 'MISSED'}"
        )
    return int(missed)


def _rehearse(project: Path) -> dict[str, tuple[float, float]]:
    """(seconds, AWS minutes) that each scenario took."""
    arguments = [f"--scenario={name}" for name in _SCENARIOS]
    lines = _run(project, "rehearse", f"--env={_ENVIRONMENT}", "--offline", "--json", *arguments)
    details = [line["details"] for line in map(json.loads, lines) if line["type"] == "scenario-judged"]
    return {
        each["scenario"]: (each["first_bad_to_alias_back_s"], each["first_bad_to_alias_back_min"]) for each in details
    }


def _canary_min(project: Path) -> float:
    shown = "\n".join(_run(project, "config", "show", f"--env={_ENVIRONMENT}", "--format=json"))
    environment: dict[str, Any] = json.loads(shown)
    return float(environment["shift"]["interval_min"])


def _run(project: Path, *arguments: str) -> Sequence[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tapgen", *arguments], cwd=project, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"tapgen {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()
