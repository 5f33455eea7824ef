"""Times processes in turn, so that a noisy moment hits the baseline and the subject alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured ratio and the most it may be."""

    name: str
    median_s: float
    ratio: float
    limit: float
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the ratio keeps within its limit."""
        return self.ratio <= self.limit


def time_process(command: Sequence[str], *, cwd: Path) -> float:
    """Seconds that a process took from its start to its end.

    Raises:
        SystemExit: It failed; what it printed is shown.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # Where no bytecode is written, every process compiles what changed since: that is not what is measured.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environ | {"CI": "true"}, capture_output=True, text=True, check=False)
    took_s = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return took_s


def measure_in_turn(subjects: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, float]:
    """The median of each subject over rounds in which every one of them runs once."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", end="\r", file=sys.stderr, flush=True)
        for name, run in subjects.items():
            times[name].append(run())
    print(" " * 20, end="\r", file=sys.stderr)
    return {name: statistics.median(values) for name, values in times.items()}


def report(figures: Sequence[Figure], *, baseline_s: float, baseline: str) -> int:
    """Print the table; 1 when a limit is missed."""
    print(f"baseline: {baseline}, median {baseline_s * 1000:.0f} ms")
    for figure in figures:
        verdict = "ok" if figure.passed else "MISSED"
        note = f"  {figure.note}" if figure.note else ""
        print(
            f"{figure.name:<34} {figure.median_s * 1000:>7.0f} ms   ratio {figure.ratio:>5.2f}"
            f"   limit {figure.limit:<4} {verdict}{note}"
        )
    return 0 if all(figure.passed for figure in figures) else 1
