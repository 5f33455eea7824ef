"""A service in two blocks of nested stacks on the embedded AWS: one release, whichever stacks its functions are in."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from scripts.benchmarks.generated import name_functions, write_project
from tapgen.local.extension.settings import CANCELLED_SHIFT_VARIABLE
from tapgen.service import blocks
from tests.command_line import run_command, user_environment

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

_NAMES = name_functions(6)
_DEPLOY = ("deploy", "--env", "local", "--yes", "--json")
_CANARY = """\
project: wide
environments:
  local:
    shift: {type: canary, percentage: 50, interval_min: 20}
"""
_THROWS_FOR_CALLERS = """
def handler(event: dict, context: object) -> dict:
    if context.invoked_function_arn.endswith(":live"):
        raise RuntimeError("broken")
    return {"statusCode": 200, "body": "{}"}
"""


@pytest.fixture(name="project")
def _project(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Six functions, three of them and a table in the second block, with an embedded AWS of their own.

    Its parameter: what becomes of a shift whose update is cancelled.
    """
    monkeypatch.setenv(CANCELLED_SHIFT_VARIABLE, getattr(request, "param", "stop"))
    write_project(tmp_path, _NAMES)
    second = {f"function/{name}": 2 for name in _NAMES[3:]} | {"table/w005-rows": 2}
    blocks.write_lock(tmp_path / "config", second)
    _run(tmp_path, "local", "start")
    yield tmp_path
    _run(tmp_path, "local", "stop")


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = user_environment(TAPGEN_LOCAL_SAVE="stop")
    environ.pop("CI", None)
    return run_command(*arguments, folder=project, environ=environ)


def _edit(project: Path, *names: str, line: str) -> None:
    for name in names:
        handler = project / "handlers" / name / "app.py"
        handler.write_text(f"{handler.read_text()}{line}\n")


def _live(project: Path) -> dict[str, str]:
    """Function → the version that its stack has."""
    found = json.loads(_run(project, "outputs", "--env", "local", "--json").stdout)
    outputs = found.get("outputs", found)
    return {name: arn.rpartition(":")[2] for name, arn in outputs.items() if name.endswith("VersionArn")}


def _uploaded(done: subprocess.CompletedProcess[str]) -> set[str]:
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (text,) = [item["text"] for item in events if item["type"] == "step-finished" and item.get("step") == "upload"]
    return set(text.partition(": ")[2].split(", "))


def _lambda(project: Path) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=json.loads(_run(project, "local", "status", "--json").stdout)["endpoint_url"],
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
    )


@contextmanager
def _calling(project: Path, function: str) -> Iterator[None]:
    """Somebody invokes a function's live alias all the time; not through the API, whose guard is every function's."""
    client = _lambda(project)
    stop = threading.Event()

    def drive() -> None:
        while not stop.wait(0.05):
            client.invoke(FunctionName=f"wide-local-us-east-1-{function}", Qualifier="live", Payload=b"{}")

    caller = threading.Thread(target=drive)
    caller.start()
    try:
        yield
    finally:
        stop.set()
        caller.join()


def _shifts(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """What the deploy told of its shifts, in order."""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["shift"] for event in events if event["type"] == "shift-progressed"]


def _aliases(project: Path) -> list[tuple[str, Any]]:
    """(version, weights of others) of every live alias, by Lambda itself."""
    client = _lambda(project)
    found = [client.get_alias(FunctionName=f"wide-local-us-east-1-{name}", Name="live") for name in _NAMES]
    return [(each["FunctionVersion"], each.get("RoutingConfig", {}).get("AdditionalVersionWeights")) for each in found]


@pytest.mark.parametrize("project", ["stop", "finish"], indirect=True)
def test_red_guard_in_one_block_returns_both(project: Path) -> None:
    """Six functions in two stacks begin to shift together; a red guard of one sends the traffic of all back.

    Whatever CloudFormation does with the shifts of an update that it cancels: it stops them, or lets them finish.
    """
    (project / "config" / "environments.yaml").write_text(_CANARY)
    assert _run(project, *_DEPLOY).returncode == 0
    _edit(project, *_NAMES, line="# changed")
    _edit(project, "w004", line=_THROWS_FOR_CALLERS)

    with _calling(project, "w004"):
        done = _run(project, *_DEPLOY)

    assert done.returncode == 4, done.stdout
    shifts = _shifts(done)
    begun: dict[str, int] = {}
    for number, shift in enumerate(shifts):
        begun.setdefault(shift["function"], number)
    ended = next(number for number, shift in enumerate(shifts) if shift["status"] in ("Stopped", "Failed", "Succeeded"))
    assert len(begun) == len(_NAMES)
    assert max(begun.values()) < ended
    assert max(shift["target_weight"] for shift in shifts) == 0.5
    last = {shift["function"]: shift for shift in shifts}
    (broken,) = [shift for name, shift in last.items() if name.endswith("-w004")]
    assert (broken["status"], broken["error_code"]) == ("Stopped", "ALARM_ACTIVE")
    assert {shift["status"] for shift in last.values()} == {"Stopped"}
    assert set(_live(project).values()) == {"1"}
    assert {(version, bool(weights)) for version, weights in _aliases(project)} == {("1", False)}


def test_release_of_two_blocks_is_one(project: Path) -> None:
    """A broken version in the second block returns the first block's functions too; a good one moves all six."""
    assert _run(project, *_DEPLOY).returncode == 0
    assert set(_live(project).values()) == {"1"}
    _edit(project, *_NAMES, line="# changed")
    _edit(project, "w004", line='raise RuntimeError("broken")')

    assert _run(project, *_DEPLOY).returncode == 4
    assert set(_live(project).values()) == {"1"}

    handler = project / "handlers" / "w004" / "app.py"
    handler.write_text(handler.read_text().replace('raise RuntimeError("broken")', "# repaired"))
    assert _run(project, *_DEPLOY).returncode == 0
    assert len(_live(project)) == len(_NAMES)
    assert "1" not in _live(project).values()


def test_rehearsal_of_two_blocks(project: Path) -> None:
    """The scenario of several stacks: six functions change, one throws, all begin together and all go back."""
    done = _run(project, "rehearse", "--env", "prod", "--offline", "--scenario", "together", "--json")

    assert done.returncode == 0, done.stdout
    report = json.loads((project / "build" / "rehearsal" / "prod" / "report.json").read_text())
    (verdict,) = report["scenarios"]
    (check,) = [each for each in verdict["checks"] if each["subject"] == "together"]
    assert check["happened"] == "5 of 5 began with it, 5 are back"


def test_one_changed_function_touches_one_stack(project: Path) -> None:
    """One zip, the one nested stack of the function, and the root that names it."""
    assert _run(project, *_DEPLOY).returncode == 0
    _edit(project, "w004", line="# changed")

    assert _uploaded(_run(project, *_DEPLOY)) == {"w004", "compute2", "root"}
