"""What the end of a shift means, in values and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tapgen.aws.logs import is_error
from tapgen.aws.shifts import parse_hooks
from tapgen.deploy.rollback.extended_watch import find_unproven
from tapgen.deploy.shifts.verdict import explain_outcome, judge_shift
from tapgen.deploy.watch.shift_watcher import must_stop
from tapgen.engine.interrupts import choose_remedy
from tapgen.events import Result
from tapgen.model import GuardAlarm, Served, Shift, ShiftPolicy
from tests.unit.ui.conftest import NOW, shift

POLICY = ShiftPolicy(
    functions=("shop-api",), minimum_requests=20, inconclusive="warn", probes_per_min=0, authorization="NONE"
)
RED = GuardAlarm(
    name="guard-errors", state="ALARM", reason="1 datapoint [9.0]", metric="Sum Errors", condition=">= 1", last=9.0
)


def _over(status: str = "Succeeded", **changes: Any) -> Shift:
    return replace(shift(), status=status, next_step_at=None, full_at=None, **changes)


def test_enough_requests_pass() -> None:
    """A shift that ended well has proved something when the new version answered enough."""
    outcome = judge_shift(_over(served=Served(requests=20, errors=1)), POLICY)

    assert outcome.outcome == "passed"
    assert explain_outcome(outcome) == [
        "shop-api version 4 had answered 20 requests, 1 of them with an error while its share grew"
    ]


def test_too_few_requests_are_inconclusive() -> None:
    """Nobody called: that all traffic moved proves nothing."""
    outcome = judge_shift(_over(served=Served(requests=1)), POLICY)

    assert outcome.outcome == "inconclusive"
    assert "had answered 1 request, none" in explain_outcome(outcome)[0]
    assert "fewer than 20 prove nothing" in explain_outcome(outcome)[0]


@pytest.mark.parametrize(
    "calm", [{"window_min": 0.0}, {"function": "shop-archiver"}], ids=["all at once", "a function without callers"]
)
def test_what_has_no_window_or_no_callers_is_not_judged(calm: dict[str, Any]) -> None:
    """A shift all at once leaves no time for requests, and only the API is called by anybody."""
    assert judge_shift(_over(served=Served(), **calm), POLICY).outcome == "passed"


def test_a_stopped_shift_names_alarm_weight_versions_and_log() -> None:
    """What happened, then why: the reader needs no console."""
    stopped = _over(
        "Stopped", alarms=(RED,), error="alarms", error_code="ALARM_ACTIVE", served=Served(requests=14, errors=9)
    )

    outcome = judge_shift(stopped, POLICY, log_lines=("RuntimeError: broken",))

    assert outcome.outcome == "rolled-back"
    assert explain_outcome(outcome) == [
        "shop-api version 4 was stopped at 10% of the traffic; version 3 serves",
        "it had answered 14 requests, 9 of them with an error",
        "guard-errors is in ALARM: Sum Errors >= 1; 1 datapoint [9.0]",
        "its log: RuntimeError: broken",
    ]


def test_a_failed_hook_is_named() -> None:
    """The event and who answered it."""
    steps = (("BeforeAllowTraffic", "Failed"), ("AllowTraffic", "Skipped"), ("AfterAllowTraffic", "Skipped"))
    failed = _over("Failed", steps=steps, target_weight=0.0, error="hook", error_code="HOOK_EXECUTION_FAILURE")

    assert failed.failed_hook == ("BeforeAllowTraffic", "CodeDeployHook_shop-before")
    assert "the pre-traffic hook (BeforeAllowTraffic) answered Failed" in explain_outcome(judge_shift(failed, POLICY))


@pytest.mark.parametrize(
    ("code", "unproven", "told"),
    [("MANUAL_STOP", False, "somebody stopped it"), ("MANUAL_STOP", True, "tapgen stopped it: fewer than 20")],
)
def test_who_stopped_it_is_told(code: str, unproven: bool, told: str) -> None:  # noqa: FBT001 - a column of the table
    """A person's stop is not the policy's."""
    stopped = _over("Stopped", error="stopped", error_code=code)

    assert any(told in line for line in explain_outcome(judge_shift(stopped, POLICY, unproven=unproven)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"served": Served(requests=20)}, False),
        ({"function": "shop-archiver"}, False),
        ({"status": "Succeeded"}, False),
        ({"full_at": NOW + timedelta(seconds=16)}, False),
        ({"full_at": None}, False),
    ],
)
def test_a_shift_that_proves_nothing_is_stopped_at_the_last_moment(
    changes: dict[str, Any],
    expected: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """With the policy to fail, shortly before all traffic moves and not earlier."""
    near = replace(shift(full_at=NOW + timedelta(seconds=14), served=Served(requests=3)), **changes)

    assert must_stop(near, replace(POLICY, inconclusive="fail"), now=NOW) is expected
    assert not must_stop(near, POLICY, now=NOW)


@pytest.mark.parametrize(
    ("policy", "requests", "followed_up"),
    [("warn", 3, False), ("extend", 3, True), ("fail", 3, True), ("extend", 20, False), ("fail", 20, False)],
)
def test_what_follows_a_shift_that_got_all_traffic_unproven(
    policy: Any,
    requests: int,
    followed_up: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """With warn a warning is all; extend watches on, and fail goes back where nobody stopped it in time."""
    wanted = replace(POLICY, inconclusive=policy)
    outcome = judge_shift(_over(served=Served(requests=requests)), wanted)
    result = Result(status="done", operation="deploy", deployment="shop", exit_code=0, shifts=(outcome,))

    assert (find_unproven(result, wanted) is outcome) is followed_up
    assert find_unproven(replace(result, status="detached"), wanted) is None


@pytest.mark.parametrize(
    ("status", "running", "remedy"),
    [
        ("UPDATE_IN_PROGRESS", ("d-1",), "stop-shifts"),
        ("UPDATE_IN_PROGRESS", (), "cancel-update"),
        ("CREATE_IN_PROGRESS", (), "none"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", ("d-1",), "none"),
    ],
)
def test_how_an_operation_is_stopped(status: str, running: tuple[str, ...], remedy: str) -> None:
    """A shift in CodeDeploy, an update in CloudFormation; what already rolls back is left alone."""
    assert choose_remedy(root_status=status, running=running) == remedy


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[ERROR] RuntimeError: broken\nTraceback (most recent call last):", True),
        ('{"level": "ERROR", "errorMessage": "broken", "errorType": "RuntimeError"}', True),
        ('{"level": "FATAL", "message": "uncaught exception", "errorType": "KeyError"}', True),
        ('{"log_level": "ERROR", "errorMessage": "broken", "errorType": "RuntimeError"}', True),
        ('{"level": "INFO", "message": "request", "status": 502}', True),
        ("2026-11-24T12:00:00Z 5f1d Task timed out after 3.00 seconds", True),
        ('{"level": "INFO", "message": "request", "status": 200}', False),
        ("START RequestId: 5f1d Version: 7", False),
        ("{not json", False),
    ],
)
def test_which_lines_tell_of_errors(line: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """The runtime's words, levels and answers with a 5xx status."""
    assert is_error(line) is expected


@pytest.mark.parametrize(
    "text",
    [
        "version: 0.0\nHooks:\n  - BeforeAllowTraffic: pre\n  - AfterAllowTraffic: post\n",
        '{"version": "0.0", "hooks": [{"BeforeAllowTraffic": "pre"}, {"AfterAllowTraffic": "post"}]}',
    ],
)
def test_hooks_of_an_app_spec(text: str) -> None:
    """YAML or JSON, keys in any case (CodeDeploy's own samples use both)."""
    assert parse_hooks(text) == (("BeforeAllowTraffic", "pre"), ("AfterAllowTraffic", "post"))
    assert parse_hooks("version: 0.0\n") == ()
