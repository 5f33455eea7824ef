"""How an operation reads in a log."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.events import Noted, Result, ScenarioJudged, ShiftProgressed, UploadProgressed
from tapgen.model import GuardAlarm, Served
from tapgen.ui.plain import PlainListener
from tapgen.ui.results import OutputWriter
from tests.unit.ui.conftest import created, event, failed_update, finished_deploy, shift

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.events import Event
    from tests.unit.ui.conftest import Compare


def _log(events: Iterable[Event], *, color: bool = False, width: int = 80) -> tuple[str, str]:
    """Progress and results."""
    progress, results = io.StringIO(), io.StringIO()
    listener = PlainListener(progress, results=OutputWriter(results), width=width, color=color)
    for each in events:
        listener(each)
    return progress.getvalue(), results.getvalue()


def test_failed_update_reads_as_calm_lines(matches_snapshot: Compare) -> None:
    """A CI log has one line for each thing that happened, the change tree, and the failure with its reason."""
    progress, results = _log(failed_update())

    matches_snapshot("failed-update", progress)
    assert results == ""


def test_first_deploy_reads_as_calm_lines(matches_snapshot: Compare) -> None:
    """A create names each stack and resource when it begins and when it is done."""
    progress, _ = _log(created())

    matches_snapshot("created", progress)


def test_outputs_are_the_only_thing_on_the_results_stream(matches_snapshot: Compare) -> None:
    """A finished deploy writes outputs, aligned, to results and the rest to progress."""
    progress, results = _log(finished_deploy())

    matches_snapshot("finished-deploy", results)
    assert "shop-prod: done" in progress


def test_causes_and_consequences_are_marked_in_signs_and_words() -> None:
    """Without colour the failed resource stands out from those that were stopped because of it."""
    progress, _ = _log(failed_update())

    assert re.findall(r"(\S\S) [A-Z]+_FAILED +([\w.]+)", progress) == [
        ("!!", "Compute.ApiFunction"),
        ("--", "Compute.ApiVersion2"),
        ("--", "Compute"),
    ]


def test_nothing_is_said_twice() -> None:
    """CloudFormation's second word on the same status is left out, and a child's own word after its parent's."""
    progress, _ = _log(failed_update())

    assert progress.count("CREATE_IN_PROGRESS") == 1
    assert "shop-Compute-1ABC UPDATE" not in progress
    assert progress.count("Compute: The following resource(s) failed") == 1


def test_a_repeated_status_with_news_is_said() -> None:
    """CodeDeploy's deployment id comes with a second UPDATE_IN_PROGRESS of the alias."""
    news = event(2, "Compute", "ApiLiveAlias", "UPDATE_IN_PROGRESS", "CodeDeploy deployment started: d-1")

    progress, _ = _log([event(1, "Compute", "ApiLiveAlias", "UPDATE_IN_PROGRESS"), news])

    assert progress.endswith("Compute.ApiLiveAlias: CodeDeploy deployment started: d-1\n")


def test_uploads_are_reported_by_quarters() -> None:
    """However many objects there are, an upload is worth four lines at most, the last at its end."""
    steps = [
        UploadProgressed(done_bytes=number, total_bytes=100, done_objects=number, total_objects=100)
        for number in range(1, 101)
    ]

    progress, _ = _log([*steps, steps[-1]])

    assert re.findall(r"uploaded (\d+) %", progress) == ["25", "50", "75", "100"]
    assert progress.endswith("100 of 100 objects, 100 B of 100 B\n")


def test_colour_changes_no_words() -> None:
    """The same lines with colour codes removed are the plain ones."""
    plain, _ = _log(failed_update())
    colored, _ = _log(failed_update(), color=True)

    assert "\x1b[" not in plain
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize(
    ("level", "hint", "expected"),
    [("info", "", "note: the key stays\n"), ("warning", "look", "warning: the key stays; look\n")],
)
def test_notes_name_their_level(level: Any, hint: str, expected: str) -> None:
    """A warning is one by its word; what to do follows on the same line."""
    progress, _ = _log([Noted(code="key", level=level, text="the key stays", hint=hint)])

    assert progress == expected


@pytest.mark.parametrize(("passed", "expected"), [(True, "ok throws: red\n"), (False, "NOT throws: red\n")])
def test_scenarios_are_judged_in_words(passed: bool, expected: str) -> None:  # noqa: FBT001 - a parameter of the test
    """Whether a scenario of a rehearsal ended as it must is the line's first word."""
    progress, _ = _log([ScenarioJudged(scenario="throws", passed=passed, text="red")])

    assert progress == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("unchanged", "deploy shop: nothing to do\n"),
        ("prepared", "deploy shop: prepared, not executed\n"),
        ("started", "deploy shop: started; `tapgen attach` joins it\n"),
        ("declined", "deploy shop: declined, nothing was changed\n"),
        ("failed", ""),
    ],
)
def test_every_end_has_its_words(status: Any, expected: str) -> None:
    """Each way to end is said in words; of a failure the command line tells."""
    progress, results = _log([Result(status=status, operation="deploy", deployment="shop", exit_code=0)])

    assert progress == expected
    assert results == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "shift    shop-api  v3 -> v4 10%  AllowTraffic runs; 41 requests, 0 errors; 2 guards OK"),
        (
            {"status": "Succeeded", "target_weight": 1.0},
            "shift    shop-api  v3 -> v4 100%  Succeeded; 41 requests, 0 errors; 2 guards OK",
        ),
        ({"alarms": ()}, "shift    shop-api  v3 -> v4 10%  AllowTraffic runs; 41 requests, 0 errors; no guards"),
        (
            {"status": "Stopped", "alarms": (GuardAlarm(name="shop-guard", state="ALARM", reason="red"),)},
            "shift    shop-api  v3 -> v4 10%  Stopped; 41 requests, 0 errors; shop-guard ALARM",
        ),
    ],
)
def test_shift_is_one_line(changes: dict[str, Any], expected: str) -> None:
    """Versions, weight, step and guards on one line; an alarm that is not OK is named."""
    progress, _ = _log([ShiftProgressed(shift=shift(**changes))])

    assert progress == expected + "\n"


def test_figures_that_only_grow_are_told_now_and_then() -> None:
    """A log has a line for each turn of a shift and one every half minute, not one for each look."""
    seconds = iter([0.0, 5.0, 29.0, 31.0, 32.0])
    stream = io.StringIO()
    plain = PlainListener(
        stream, results=OutputWriter(io.StringIO()), width=80, color=False, monotonic=lambda: next(seconds)
    )

    for requests in range(4):
        plain(ShiftProgressed(shift=shift(served=Served(requests=requests))))
    plain(ShiftProgressed(shift=shift(served=Served(requests=9), target_weight=1.0)))

    assert [line.split("; ")[1] for line in stream.getvalue().splitlines()] == [
        "0 requests, 0 errors",
        "3 requests, 0 errors",
        "9 requests, 0 errors",
    ]
