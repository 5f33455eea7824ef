"""``scripts/bench handler``: the API function's start and its requests, against a bare client and two frameworks."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.project import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUBJECTS = {
    "bare": "bare client",
    "ours": "this function",
    "powertools": "Powertools with validation",
    "fastapi_mangum": "FastAPI + Mangum",
}
_OPERATIONS = ("get", "create", "list 100", "validation error")
_PEERS = Path(__file__).with_name("peers.txt")
_MAX_INIT_RATIO = 1.2
_MAX_ZIP_BYTES = 100_000
_ENVIRON = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AUTHORIZATION": "NONE",
    "POWERTOOLS_METRICS_NAMESPACE": "transactions/bench",
    "POWERTOOLS_SERVICE_NAME": "transactions-api",
    "REQUIRE_IF_MATCH": "false",
    "TABLE_NAME": "transactions",
    "TTL_ATTRIBUTE": "expiresAt",
}
Figures = dict[str, list[float]]


def run(*, rounds: int) -> int:
    """Measure and report; 1 when a budget is missed."""
    python = _make_environment()
    found: dict[str, Figures] = {name: {} for name in _SUBJECTS}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", end="\r", file=sys.stderr, flush=True)
        for name, figures in found.items():
            for key, seconds in _measure(python, name).items():
                figures.setdefault(key, []).append(seconds)
    print(" " * 20, end="\r", file=sys.stderr)
    medians = {
        name: {key: statistics.median(values) for key, values in figures.items()} for name, figures in found.items()
    }
    results = [_report_init(medians), _report_warm(medians), _report_sizes()]
    return 0 if all(results) else 1


def _make_environment() -> Path:
    """A virtual environment with the handlers' libraries, the peers', and the boto3 that is developed with."""
    folder = REPOSITORY / ".tapgen" / "bench" / "peers"
    python = folder / "bin" / "python"
    boto3 = next(
        line.split(" ")[0]
        for line in (REPOSITORY / "requirements" / "dev.txt").read_text().splitlines()
        if line.startswith("boto3==")
    )
    wanted = f"{boto3}\n{_PEERS.read_text()}{(REPOSITORY / 'handlers' / 'requirements.in').read_text()}"
    mark = folder / "wanted"
    if not mark.exists() or mark.read_text() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", boto3]
        files = ["-r", str(_PEERS), "-r", str(REPOSITORY / "handlers" / "requirements.in")]
        subprocess.run([*install, *files], check=True)
        mark.write_text(wanted)
    return python


def _measure(python: Path, subject: str) -> dict[str, float]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))}
    done = subprocess.run(
        [str(python), "-m", "scripts.benchmarks.subjects", subject],
        cwd=REPOSITORY,
        env=inherited | _ENVIRON,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{subject} failed:\n{done.stdout}{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _report_init(medians: Mapping[str, Mapping[str, float]]) -> bool:
    """Import and init in a fresh process, interpreter not included."""
    floor = medians["bare"]["init"]
    print("import and init")
    for name, title in _SUBJECTS.items():
        seconds = medians[name]["init"]
        limit = f"   limit {_MAX_INIT_RATIO}" if name == "ours" else ""
        print(f"  {title:<28} {seconds * 1000:>7.0f} ms   ratio {seconds / floor:>5.2f}{limit}")
    return _verdict(passed=medians["ours"]["init"] / floor <= _MAX_INIT_RATIO)


def _report_warm(medians: Mapping[str, Mapping[str, float]]) -> bool:
    """Microseconds of a request in process, and those that are not the DynamoDB client's own."""
    floor = medians["bare"]
    print("a request in process, µs: all of it, and what is above the bare call")
    print(f"  {'':<28} {''.join(f'{name:>22}' for name in _OPERATIONS)}")
    for subject, title in _SUBJECTS.items():
        cells = []
        for name in _OPERATIONS:
            whole = medians[subject][name]
            # A request that is refused calls nothing.
            above = whole - floor[name] if name != "validation error" else whole
            cells.append(f"{whole * 1e6:>13.0f} {above * 1e6:>+8.0f}")
        if subject == "bare":
            cells[-1] = f"{'':>22}"
        print(f"  {title:<28} {''.join(cells)}")
    ours, peers = medians["ours"]["get"], (medians["powertools"]["get"], medians["fastapi_mangum"]["get"])
    print("  limit: a GET with its log line and metrics takes less than the peers' without")
    return _verdict(passed=ours < min(peers))


def _report_sizes() -> bool:
    from tapgen.build import Builder, BuildRequest

    rendered = Builder(REPOSITORY).load_or_render(BuildRequest(environment="dev", suffix=None, region=None))
    print("artifacts")
    for artifact in rendered.artifacts:
        limit = f"   limit {_MAX_ZIP_BYTES:,}" if artifact.name != "layer" else ""
        print(f"  {artifact.name:<28} {artifact.size_bytes:>9,} bytes{limit}")
    return _verdict(
        passed=all(item.size_bytes <= _MAX_ZIP_BYTES for item in rendered.artifacts if item.name != "layer")
    )


def _verdict(*, passed: bool) -> bool:
    print("  ok" if passed else "  MISSED")
    return passed
