"""Faulty candidates, run as Lambda runs them: the function's own entry point behind a wrapper."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.errors import UsageError
from tapgen.journey import Expectation, Journey, event, request
from tapgen.rehearsal import faults
from tapgen.rehearsal.subject import choose_subject
from tapgen.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.rehearsal.faults import Fault
    from tapgen.rehearsal.subject import Subject

_OWN = """\
def handler(event, context):
    return {"statusCode": 200, "body": "own", "route": event["routeKey"]}
"""
# Events come as (route, qualifier); one process answers all of them, as one execution environment does.
_RUN = """\
import json, sys, types
from {module} import {entry} as handler
for route, qualifier in json.load(sys.stdin):
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:api:" + qualifier
    try:
        answer = handler(dict(routeKey=route), types.SimpleNamespace(invoked_function_arn=arn))
        print(json.dumps([answer["statusCode"], answer["body"]]))
    except RuntimeError as error:
        print(json.dumps(["raised", str(error)]))
"""
_CALLER, _HOOK = "live", "7"
_GOOD = [200, "own"]


ORDERS = Service("orders")
_API = ORDERS.function("api")
_API.route("GET /orders")
_API.route("POST /orders")
_API.route("PUT /orders/{orderId}")
_API.tried_by(
    Journey(
        steps=(
            request("GET /orders", expect=Expectation(status=200, body={"items": []})),
            request("POST /orders", expect=Expectation(status=201, body={"id": "7"}), only=("hook",)),
            request("PUT /orders/7", expect=Expectation(status=200, body={"id": "7"}), only=("hook",)),
            request("PUT /orders/7", name="again", expect=412, only=("hook",)),
        )
    )
)
ORDERS.function("nightly", entry_point="jobs.main.run").tried_by(Journey(steps=(event({"Records": []}),)))
API, NIGHTLY = (choose_subject(ORDERS.model(), name) for name in ("api", "nightly"))


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A copy of a project whose functions have entry points and nothing else."""
    for module, entry in {"api/app.py": "handler", "nightly/jobs/main.py": "run"}.items():
        file = tmp_path / "handlers" / module
        file.parent.mkdir(parents=True)
        file.write_text(_OWN.replace("def handler", f"def {entry}"), encoding="utf-8")
    for folder in (tmp_path / "handlers").rglob("*/"):
        (folder / "__init__.py").touch()
    (tmp_path / "handlers" / "__init__.py").touch()
    return tmp_path


def _answers(project: Path, fault: Fault, *calls: tuple[str, str], subject: Subject = API) -> list[Any]:
    faults.plant(fault, project / "handlers", subject)
    module, _, entry = f"handlers.{subject.function.folder}.{subject.function.entry_point}".rpartition(".")
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(module=module, entry=entry)],
        cwd=project,
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("fault", "to_caller"),
    [
        (faults.HARMLESS, _GOOD),
        (faults.THROWS, ["raised", "rehearsal: this candidate throws"]),
        (faults.ANSWERS_500, [500, "{}"]),
        (faults.slow(0.01), _GOOD),
        (faults.wears_out(API), _GOOD),
    ],
)
def test_hooks_are_spared(project: Path, fault: Fault, to_caller: list[Any]) -> None:
    """What callers get through the live alias, a hook that asks for the version itself does not get."""
    assert _answers(project, fault, ("GET /health", _HOOK), ("GET /health", _CALLER)) == [_GOOD, to_caller]


def test_slowness_is_for_callers(project: Path) -> None:
    """A caller waits before the function's own work; the wrapper says so in so many words."""
    faults.plant(faults.slow(0.45), project / "handlers", API)
    wrapper = (project / "handlers" / "api" / "app.py").read_text(encoding="utf-8")

    assert "    if from_caller:\n        time.sleep(0.45)\n" in wrapper


def test_wrong_answer_is_one_that_a_hook_looks_at_and_no_caller_asks_for(project: Path) -> None:
    """The status stays right and the body is empty; everything else works."""
    fault = faults.answers_wrongly(API)

    assert _answers(project, fault, ("PUT /orders/{orderId}", _HOOK), ("GET /orders", _HOOK)) == [[200, "{}"], _GOOD]
    assert fault.text == "does not answer PUT /orders/{orderId} with what it should"


@pytest.mark.parametrize("make", [faults.answers_wrongly, faults.wears_out])
def test_function_without_requests_fails_its_hooks(project: Path, make: Callable[[Subject], Fault]) -> None:
    """Wherever its entry point is; callers notice nothing."""
    calls = [("", _CALLER), ("", _HOOK), ("", _CALLER)]

    assert _answers(project, make(NIGHTLY), *calls, subject=NIGHTLY) == [
        _GOOD,
        ["raised", "rehearsal: this candidate fails"],
        _GOOD,
    ]


def test_wear_shows_after_callers(project: Path) -> None:
    """The hook before the traffic finds nothing; the one after it does, and callers never notice."""
    calls = [("GET /health", _HOOK), ("GET /health", _CALLER), ("GET /health", _HOOK), ("GET /health", _CALLER)]

    assert _answers(project, faults.wears_out(API), *calls) == [_GOOD, _GOOD, [500, "{}"], _GOOD]


def test_missing_entry_point_is_told(tmp_path: Path) -> None:
    """A project whose API function has another shape is refused in words."""
    (tmp_path / "handlers").mkdir()

    with pytest.raises(UsageError, match=r"handlers/api/app\.py"):
        faults.plant(faults.THROWS, tmp_path / "handlers", API)
