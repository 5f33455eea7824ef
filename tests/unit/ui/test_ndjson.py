"""Operations as JSON lines."""

from __future__ import annotations

import io
import json

from tapgen.errors import DeploymentError
from tapgen.events import Result, ScenarioJudged, ShiftProgressed
from tapgen.model import Failure
from tapgen.ui.ndjson import NdjsonListener
from tests.unit.ui.conftest import failed_update, shift


class _CountingStream(io.StringIO):
    """Remembers what a reader would have at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[int] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue().count("\n"))


def test_json_lines_are_the_events() -> None:
    """Each line is one event with its type, at once; times are ISO 8601, the result is last."""
    stream = _CountingStream()
    listener = NdjsonListener(stream)
    events = failed_update()

    for each in events:
        listener(each)

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["type"] for line in lines[:3]] == ["step-started", "step-finished", "step-started"]
    failed = next(line for line in lines if line.get("status") == "UPDATE_FAILED")
    assert failed["timestamp"] == "2026-11-24T12:00:03+00:00"
    assert [line["type"] for line in lines].index("result") == len(lines) - 1
    assert stream.flushed == list(range(1, len(events) + 1))


def test_a_failed_result_says_what_a_person_is_told() -> None:
    """Error and first cause are in the last line, with the exit code."""
    failure = Failure(
        stack="Compute",
        logical_id="ApiFunction",
        resource_type="AWS::Lambda::Function",
        status="UPDATE_FAILED",
        reason="Größe",
    )
    error = DeploymentError("it failed", why="because", hint="correct it", failure=failure)
    stream = io.StringIO()

    NdjsonListener(stream)(
        Result(
            status="failed",
            operation="deploy",
            deployment="shop",
            exit_code=int(error.exit_code),
            failure=error.failure,
            error=error.as_dict(),
        )
    )

    line = stream.getvalue()
    assert line.isascii()
    assert json.loads(line) == {
        "type": "result",
        "status": "failed",
        "operation": "deploy",
        "deployment": "shop",
        "exit_code": 4,
        "release_id": "",
        "sequence": 0,
        "outputs": {},
        "shifts": [],
        "failure": {
            "stack": "Compute",
            "logical_id": "ApiFunction",
            "resource_type": "AWS::Lambda::Function",
            "status": "UPDATE_FAILED",
            "reason": "Größe",
            "hint": "",
        },
        "error": {"code": "deployment-failed", "message": "it failed", "why": "because", "hint": "correct it"},
    }


def test_a_shift_is_one_object() -> None:
    """A shift keeps its fields, alarms among them."""
    stream = io.StringIO()

    NdjsonListener(stream)(ShiftProgressed(shift=shift()))

    line = json.loads(stream.getvalue())
    assert (line["type"], line["shift"]["target_weight"]) == ("shift-progressed", 0.1)
    assert line["shift"]["next_step_at"] == "2026-11-24T12:09:10+00:00"
    assert line["shift"]["served"] == {"requests": 41, "errors": 0}
    assert line["shift"]["alarms"][1] == {
        "name": "shop-api-latency-v4",
        "state": "OK",
        "reason": "",
        "metric": "p90 Duration",
        "condition": ">= 300",
        "last": 12.5,
    }


def test_a_scenario_is_one_line_with_its_details() -> None:
    """Scripts read what had to happen and what happened as it was judged."""
    stream = io.StringIO()
    details = {"checks": [{"must": "the errors guard turns red", "passed": True}], "bad_while_split": 6}

    NdjsonListener(stream)(ScenarioJudged(scenario="throws", passed=True, text="red", details=details))

    line = json.loads(stream.getvalue())
    assert (line["type"], line["scenario"], line["passed"]) == ("scenario-judged", "throws", True)
    assert line["details"] == details
