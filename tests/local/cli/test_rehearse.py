"""A whole rehearsal of production, as a user starts it; and one whose guard is blind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.command_line import user_environment

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

# It measures how much traffic the machine bears, and judges what the service answers under it.
pytestmark = pytest.mark.alone

_ALL = ("candidate", "throws", "answers-500", "slow", "pre-hook", "post-hook", "stop")
# One of each sort: a guard that bites, a hook, a person. The others take as long again.
_IN_CI = ("candidate", "throws", "pre-hook", "stop")
_LONG = os.environ.get("TAPGEN_LONG_REHEARSAL") == "1"
_REPOSITORY = Path(__file__).parents[3]
_RESOURCE = 'MetricDimension(Name="Resource", Value=f"{function}:{LIVE_ALIAS}")'
# A shell that starts the tests in the background lets all their children ignore Ctrl-C.
_INTERRUPTIBLE = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('tapgen', run_name='__main__')"
)
_BROKEN = 'MetricDimension(Name="Resource", Value=function)'


def _lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture(name="temporary")
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command keeps what it throws away."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def _contents(folder: Path) -> dict[str, bytes]:
    names = ("config", "handlers")
    files = (path for name in names for path in (folder / name).rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if "__pycache__" not in path.parts}


def test_production_passes(project: Project, temporary: Path) -> None:
    """The shipped configuration's guards all bite; the tree stays as it was, and nothing is left running or lying."""
    before = _contents(project.folder)
    chosen = [] if _LONG else [word for name in _IN_CI for word in ("--scenario", name)]

    lines = _lines(project.run("rehearse", "--env", "prod", "--offline", "--json", *chosen))

    judged = {line["scenario"]: line for line in lines if line["type"] == "scenario-judged"}
    assert {name: line["passed"] for name, line in judged.items()} == dict.fromkeys(_ALL if _LONG else _IN_CI, True)
    # Callers lose what the canary's share costs them, and never more.
    assert judged["throws"]["details"]["bad_while_split"] > 0
    assert judged["throws"]["details"]["first_bad_to_alias_back_min"] < 10
    result = lines[-1]
    assert (result["type"], result["status"], result["operation"]) == ("result", "done", "rehearse")
    _check_files(Path(result["outputs"]["report"]).parent, judged)
    assert _contents(project.folder) == before
    assert list(temporary.iterdir()) == []
    _await_end(temporary)


def _check_files(folder: Path, judged: dict[str, Any]) -> None:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert (report["environment"], report["passed"]) == ("prod", True)
    assert report["skipped"] == [] or not _LONG
    for name in judged:
        timeline = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        assert timeline["requests"]["total"] > 0
        assert ET.parse(folder / f"{name}.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own document
    throws = json.loads((folder / "throws.json").read_text(encoding="utf-8"))
    assert [point["share"] for point in throws["weights"]] == [0.0, 0.1, 0.0]
    states = {name: [span["state"] for span in spans] for name, spans in throws["alarms"].items()}
    assert any("-guard-api-errors-" in name and "ALARM" in spans for name, spans in states.items())


def _await_end(folder: Path) -> None:
    """Workers of functions end a moment after the server that told them to."""
    deadline = time.monotonic() + 60
    while running := _running_below(folder):
        assert time.monotonic() < deadline, running
        time.sleep(0.1)


def _running_below(folder: Path) -> list[str]:
    """Command lines of processes that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return [line for line in found if str(folder) in line]


def test_interruption_leaves_nothing(project: Project, temporary: Path) -> None:
    """Ctrl-C in the middle of a shift ends with 130: the embedded AWS is stopped, the copies are gone."""
    command = [sys.executable, "-c", _INTERRUPTIBLE, "rehearse", "--env", "prod", "--offline", "--scenario", "stop"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {"CI": "true"}
    with subprocess.Popen(command, cwd=project.folder, env=environ, stderr=subprocess.PIPE, text=True) as process:
        stream = process.stderr
        assert stream is not None
        seen = next(line for line in stream if line.startswith("shift"))
        process.send_signal(signal.SIGINT)
        rest = stream.read()

    assert process.returncode == 130, seen + rest
    assert "interrupted" in rest
    assert "tapgen attach" not in rest
    assert list(temporary.iterdir()) == []
    _await_end(temporary)


_SUPPRESSED = (
    "    validation: {suppress: {guard-alarms: tried by a rehearsal, alarm-dimensions: tried by a rehearsal}}\n"
)


def test_blind_guard_is_found(project: Project, temporary: Path) -> None:
    """A guard whose dimension is broken in the template does not bite: exit 4, though another guard saved the callers.

    The rules that notice it as well are suppressed: a rehearsal must not lean on them.
    """
    shutil.copytree(_REPOSITORY / "tapgen", project.folder / "tapgen", ignore=shutil.ignore_patterns("__pycache__"))
    package = project.folder / "tapgen"
    guards = package / "parts" / "function" / "guards.py"
    configuration = project.folder / "config" / "environments.yaml"
    text = configuration.read_text(encoding="utf-8")
    source = guards.read_text(encoding="utf-8")
    assert source.count(_RESOURCE) == 1
    guards.write_text(source.replace(_RESOURCE, _BROKEN), encoding="utf-8")
    configuration.write_text(text.replace("  prod:\n", f"  prod:\n{_SUPPRESSED}", 1), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tapgen", "rehearse", "--env", "prod", "--offline", "--scenario", "throws"],
            cwd=project.folder,
            env=user_environment(CI="true"),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(project.folder / "tapgen")
        configuration.write_text(text, encoding="utf-8")

    assert done.returncode == 4, done.stdout + done.stderr
    assert "throws: the errors guard goes into ALARM: transactions-prod-eu-west-1-guard-api-errors-" in done.stderr
    assert "stayed OK; transactions-prod-eu-west-1-guard-api-5xx went into ALARM instead" in done.stderr
    assert "NOT" in done.stdout


def test_live_release_is_the_baseline(project: Project) -> None:
    """What is recorded as live is fetched and replaced by the candidate; all at once, so that alarms come too late."""
    project.run("deploy", "--env", "local", "--yes")
    problems = project.folder / "handlers" / "api" / "problems.py"
    problems.write_text(problems.read_text(encoding="utf-8") + "# another edition\n", encoding="utf-8")

    done = project.start("rehearse", "--env", "local", "--scenario", "candidate", "--scenario", "throws")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "The baseline serves: release 1 (" in done.stderr
    assert "version 2 gets all the traffic" in done.stdout
    assert "not rehearsed: shifts all at once" in done.stdout
