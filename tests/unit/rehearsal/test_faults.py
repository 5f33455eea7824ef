"""Faulty candidates, run as Lambda runs them: the function's own entry point behind a wrapper."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.errors import UsageError
from tapgen.rehearsal import faults

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.rehearsal.faults import Fault

_OWN = """\
def handler(event, context):
    return {"statusCode": 200, "body": "own", "route": event["routeKey"]}
"""
# Events come as (route, qualifier); one process answers all of them, as one execution environment does.
_RUN = """\
import json, sys, types
from handlers.api.app import handler
for route, qualifier in json.load(sys.stdin):
    arn = f"arn:aws:lambda:eu-west-1:111122223333:function:api:{qualifier}"
    try:
        answer = handler({"routeKey": route}, types.SimpleNamespace(invoked_function_arn=arn))
        print(json.dumps([answer["statusCode"], answer["body"]]))
    except RuntimeError as error:
        print(json.dumps(["raised", str(error)]))
"""
_CALLER, _HOOK = "live", "7"
_GOOD = [200, "own"]


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A copy of a project whose API function has an entry point and nothing else."""
    api = tmp_path / "handlers" / "api"
    api.mkdir(parents=True)
    for package in (api.parent, api):
        (package / "__init__.py").touch()
    (api / "app.py").write_text(_OWN, encoding="utf-8")
    return tmp_path


def _answers(project: Path, fault: Fault, *calls: tuple[str, str]) -> list[Any]:
    faults.plant(fault, project / "handlers")
    done = subprocess.run(
        [sys.executable, "-c", _RUN], cwd=project, input=json.dumps(calls), capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("fault", "to_caller"),
    [
        (faults.HARMLESS, _GOOD),
        (faults.THROWS, ["raised", "rehearsal: this candidate throws"]),
        (faults.ANSWERS_500, [500, "{}"]),
        (faults.slow(0.01), _GOOD),
        (faults.WEARS_OUT, _GOOD),
    ],
)
def test_hooks_are_spared(project: Path, fault: Fault, to_caller: list[Any]) -> None:
    """What callers get through the live alias, a hook that asks for the version itself does not get."""
    assert _answers(project, fault, ("GET /health", _HOOK), ("GET /health", _CALLER)) == [_GOOD, to_caller]


def test_slowness_is_for_callers(project: Path) -> None:
    """A caller waits before the function's own work; the wrapper says so in so many words."""
    faults.plant(faults.slow(0.45), project / "handlers")
    wrapper = (project / "handlers" / "api" / "app.py").read_text(encoding="utf-8")

    assert "    if from_caller:\n        time.sleep(0.45)\n" in wrapper


def test_replacements_are_answered_wrongly(project: Path) -> None:
    """Whoever replaces a transaction gets an empty document, hooks too; everything else works."""
    route = "PUT /users/{userId}/transactions/{transactionId}"

    assert _answers(project, faults.REPLACES_WRONGLY, (route, _HOOK), ("GET /health", _HOOK)) == [[200, "{}"], _GOOD]


def test_wear_shows_after_callers(project: Path) -> None:
    """The hook before the traffic finds nothing; the one after it does, and callers never notice."""
    calls = [("GET /health", _HOOK), ("GET /health", _CALLER), ("GET /health", _HOOK), ("GET /health", _CALLER)]

    assert _answers(project, faults.WEARS_OUT, *calls) == [_GOOD, _GOOD, [500, "{}"], _GOOD]


def test_missing_entry_point_is_told(tmp_path: Path) -> None:
    """A project whose API function has another shape is refused in words."""
    (tmp_path / "handlers").mkdir()

    with pytest.raises(UsageError, match=r"handlers/api/app\.py"):
        faults.plant(faults.THROWS, tmp_path / "handlers")
