"""``scripts/bench render``: rendering against a plain script that imports troposphere and writes the same templates."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.generated import measure_memory_mb, name_functions, record_blocks, write_project
from scripts.benchmarks.plain_script import load_templates, write_script
from scripts.benchmarks.project import copied_project
from scripts.benchmarks.timing import Figure, measure_in_turn, report, time_process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ENVIRONMENT = "prod"
_MAX_RATIO = 2.0
_MAX_FURTHER = 0.1
_SIZES = (10, 50, 100)
_MAX_GROWTH = 1.2
_MAX_MEMORY_MB = 150


def run(*, rounds: int) -> int:
    """Measure and report; 1 when a limit is missed."""
    with copied_project() as project:
        missed = _run(project, rounds)
    with tempfile.TemporaryDirectory(prefix="tapgen-bench-") as folder:
        return max(missed, _run_generated(Path(folder), rounds))


def _run_generated(folder: Path, rounds: int) -> int:
    """The same of generated services: time per function as they grow, and memory."""
    projects = {}
    for count in _SIZES:
        projects[count] = write_project(folder / str(count), name_functions(count))
        record_blocks(projects[count])
    command = [sys.executable, "-m", "tapgen", "render", "--env", "prod"]

    def timed(count: int) -> Callable[[], float]:
        def render_changed() -> float:
            # A release that is unchanged is not rendered again.
            service = projects[count] / "config" / "service.py"
            service.write_text(f"{service.read_text()}# again\n")
            return time_process(command, cwd=projects[count])

        return render_changed

    medians = measure_in_turn({str(count): timed(count) for count in _SIZES}, rounds=rounds)
    small_s = medians[str(_SIZES[0])] / _SIZES[0]
    figures = [
        Figure(
            name=f"{count} functions, per function",
            median_s=medians[str(count)] / count,
            ratio=medians[str(count)] / count / small_s,
            limit=_MAX_GROWTH,
            note=f"of that at {_SIZES[0]}",
        )
        for count in _SIZES[1:]
    ]
    missed = report(figures, baseline_s=small_s, baseline=f"{_SIZES[0]} functions, per function")
    service = projects[_SIZES[-1]] / "config" / "service.py"
    service.write_text(f"{service.read_text()}# once more\n")
    peak_mb = measure_memory_mb(command, cwd=projects[_SIZES[-1]])
    verdict = "ok" if peak_mb <= _MAX_MEMORY_MB else "MISSED"
    print(f"{_SIZES[-1]} functions: {peak_mb:.0f} MB at most, limit {_MAX_MEMORY_MB} {verdict}")
    return max(missed, int(peak_mb > _MAX_MEMORY_MB), _lint(projects[_SIZES[-1]]))


def _lint(project: Path) -> int:
    """1 when cfn-lint finds something in a template of the largest service."""
    templates = sorted((project / "build" / _ENVIRONMENT / "templates").glob("*.json"))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--include-checks", "I", "--regions", "eu-west-1", "--"]
    done = subprocess.run([*command, *map(str, templates)], capture_output=True, text=True, check=False)
    print(f"{_SIZES[-1]} functions: cfn-lint on {len(templates)} templates {'MISSED' if done.returncode else 'ok'}")
    print(done.stdout + done.stderr, end="")
    return int(done.returncode != 0)


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
