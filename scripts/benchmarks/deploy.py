"""``scripts/bench deploy``: deploys against a process that imports boto3 and makes the three clients a deploy needs."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.generated import measure_memory_mb, name_functions, record_blocks, write_project
from scripts.benchmarks.project import copied_project
from scripts.benchmarks.timing import Figure, measure_in_turn, report, time_process

_BASELINE = (
    "import boto3; s = boto3.Session(region_name='us-east-1', aws_access_key_id='x', aws_secret_access_key='x'); "
    "[s.client(name, endpoint_url='http://127.0.0.1:1') for name in ('cloudformation', 's3', 'sts')]"
)
# A judged version is started by the hook before traffic, and called eighteen times; no deploy can be without that.
_LIMITS = {"nothing changed": 1.7, "first deploy": 4.5, "code only (no shift)": 3.4, "code only, judged by hooks": 9.0}
_MAX_CALLS = 3
_FUNCTIONS = 100
_MAX_WIDE = 1.3
_MAX_MEMORY_MB = 150


_LOCAL = ("--env", "local", "--yes")
_STACKS = ("AWS::CloudFormation::Stack",)


@dataclass(frozen=True, kw_only=True)
class _Touched:
    """What a deploy of one change did."""

    uploaded: list[str]
    stacks: set[str]
    """Those in which something was made, changed or removed."""
    versions: set[str]
    """Published ones."""

    @property
    def passed(self) -> bool:
        """Whether it is one nested stack, the root that names it, one zip and one version."""
        return len(self.uploaded) <= 3 and len(self.stacks) == len(self.versions) == 1

    def __str__(self) -> str:
        stacks, versions = ", ".join(sorted(self.stacks)), len(self.versions)
        return f"uploads {', '.join(self.uploaded)}; changes {stacks}; publishes {versions}"


class _Deploys:
    """Deploys of one project, each kind prepared outside the time that is measured."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._suffixes = (f"b{number}" for number in itertools.count())
        self._edits = itertools.count()
        self.uploaded: list[str] = []

    def baseline(self) -> float:
        """The process that a deploy cannot be faster than."""
        return time_process([sys.executable, "-c", _BASELINE], cwd=self._project)

    def unchanged(self) -> float:
        """Deploy what is live."""
        return self._deploy()

    def first(self) -> float:
        """Deploy under a suffix that was never used."""
        return self._deploy("--suffix", next(self._suffixes))

    def code_only(self) -> float:
        """Deploy a changed journey: the hooks' zip changes, and nothing is published for it."""
        journeys = self._project / "config" / "journeys.py"
        changed = f'API = dataclasses.replace(API, weak="edit {next(self._edits)}")'
        journeys.write_text(f"{journeys.read_text()}import dataclasses\n{changed}\n")
        return self._deploy()

    def judged(self) -> float:
        """Deploy one changed handler as a new version, which takes all traffic at once."""
        return self._deploy_edited("api/problems.py")

    def prepare(self) -> None:
        """Start the embedded AWS and deploy once."""
        for arguments in (["local", "start"], ["deploy", "--env", "local", "--yes"]):
            self._run(*arguments)

    def stop(self) -> None:
        """Stop the embedded AWS."""
        self._run("local", "stop")

    def events(self) -> list[dict[str, Any]]:
        """The events of one more deploy of a changed handler."""
        handler = self._project / "handlers" / "api" / "problems.py"
        handler.write_text(f"{handler.read_text()}# counted\n")
        lines = self._run("deploy", "--env", "local", "--yes", "--json").splitlines()
        return [json.loads(line) for line in lines]

    def count_calls(self) -> int:
        """AWS calls of a deploy that has nothing to do, as botocore logs them."""
        code = (
            "import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stderr); "
            "from tapgen.cli.main import run; run(['deploy', '--env', 'local', '--yes'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=self._project, capture_output=True, text=True, check=True
        )
        return done.stderr.count("Making request for OperationModel")

    def change_one(self, source: str) -> _Touched:
        """What a deploy of one changed handler touches."""
        handler = self._project / "handlers" / source
        handler.write_text(f"{handler.read_text()}# counted\n")
        events = [json.loads(line) for line in self._run("deploy", "--env", "local", "--yes", "--json").splitlines()]
        (text,) = [item["text"] for item in events if item["type"] == "step-finished" and item.get("step") == "upload"]
        # A nested stack that has nothing to do is told of as well: what counts is what is done inside of it.
        done = [item for item in events if item["type"] == "stack-event" and item["resource_type"] not in _STACKS]
        return _Touched(
            uploaded=str(text).partition(": ")[2].split(", "),
            stacks={item["stack"] for item in done},
            versions={
                item["logical_id"]
                for item in done
                if item["resource_type"] == "AWS::Lambda::Version" and item["status"] == "CREATE_COMPLETE"
            },
        )

    def measure_memory_mb(self) -> float:
        """The largest resident set of a deploy that has nothing to do but to build all that it would deploy."""
        service = self._project / "config" / "service.py"
        service.write_text(f"{service.read_text()}# again\n")
        return measure_memory_mb([sys.executable, "-m", "tapgen", "deploy", *_LOCAL], cwd=self._project)

    def _deploy_edited(self, source: str) -> float:
        handler = self._project / "handlers" / source
        handler.write_text(f"{handler.read_text()}# edit {next(self._edits)}\n")
        return self._deploy()

    def _deploy(self, *arguments: str) -> float:
        command = [sys.executable, "-m", "tapgen", "deploy", "--env", "local", "--yes", *arguments]
        return time_process(command, cwd=self._project)

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "tapgen", *arguments]
        return subprocess.run(command, cwd=self._project, capture_output=True, text=True, check=True).stdout


def run(*, rounds: int) -> int:
    """Measure and report; 1 when a limit is missed."""
    with copied_project() as project, tempfile.TemporaryDirectory(prefix="tapgen-bench-") as folder:
        deploys = _Deploys(project)
        deploys.prepare()
        try:
            missed = _run(deploys, rounds)
            return max(missed, _run_generated(Path(folder), deploys, rounds))
        finally:
            deploys.stop()


def _run_generated(folder: Path, shipped: _Deploys, rounds: int) -> int:
    """A hundred functions beside the shipped service: nothing changed, and one function changed."""
    write_project(folder, name_functions(_FUNCTIONS))
    record_blocks(folder)
    wide = _Deploys(folder)
    wide.prepare()
    try:
        medians = measure_in_turn({"shipped": shipped.unchanged, "wide": wide.unchanged}, rounds=rounds)
        calls = wide.count_calls()
        touched = wide.change_one(f"{name_functions(_FUNCTIONS)[_FUNCTIONS // 2]}/app.py")
        peak_mb = wide.measure_memory_mb()
    finally:
        wide.stop()
    ratio = medians["wide"] / medians["shipped"]
    name = f"{_FUNCTIONS} functions, nothing changed"
    figure = Figure(name=name, median_s=medians["wide"], ratio=ratio, limit=_MAX_WIDE)
    missed = report([figure], baseline_s=medians["shipped"], baseline="the shipped service, nothing changed")
    print(f"{name}: {calls} AWS calls, limit {_MAX_CALLS} {'ok' if calls <= _MAX_CALLS else 'MISSED'}")
    print(f"one of {_FUNCTIONS} changed: {touched} {'ok' if touched.passed else 'MISSED'}")
    verdict = "ok" if peak_mb <= _MAX_MEMORY_MB else "MISSED"
    print(f"{_FUNCTIONS} functions, nothing changed: {peak_mb:.0f} MB at most, limit {_MAX_MEMORY_MB} {verdict}")
    return missed or int(calls > _MAX_CALLS or not touched.passed or peak_mb > _MAX_MEMORY_MB)


def _run(deploys: _Deploys, rounds: int) -> int:
    medians = measure_in_turn(
        {
            "baseline": deploys.baseline,
            "nothing changed": deploys.unchanged,
            "first deploy": deploys.first,
            "code only (no shift)": deploys.code_only,
            "code only, judged by hooks": deploys.judged,
        },
        rounds=rounds,
    )
    baseline_s = medians.pop("baseline")
    figures = [
        Figure(name=name, median_s=median_s, ratio=median_s / baseline_s, limit=_LIMITS[name])
        for name, median_s in medians.items()
    ]
    missed = report(figures, baseline_s=baseline_s, baseline="import boto3 and make three clients")
    uploads = [
        event for event in deploys.events() if event.get("step") == "upload" and event["type"] == "step-finished"
    ]
    print(f"code only: {uploads[0]['text']}")
    calls = deploys.count_calls()
    print(f"nothing changed: {calls} AWS calls, limit {_MAX_CALLS} {'ok' if calls <= _MAX_CALLS else 'MISSED'}")
    return missed or int(calls > _MAX_CALLS)
