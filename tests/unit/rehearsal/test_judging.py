"""What a rehearsal concludes from what it saw: each way to pass, and each way to fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.rehearsal.judging import Check, Verdict, guard_of, judge
from tapgen.rehearsal.observation import Companion, ShiftState
from tapgen.rehearsal.scenarios import SCENARIOS
from tests.unit.rehearsal import rollouts
from tests.unit.rehearsal.rollouts import (
    ERRORS,
    LATENCY,
    MINUTE_S,
    SERVER_ERRORS,
    alias,
    call,
    refused_by,
    rollout,
    shift,
    shipped,
    stopped_by,
)

if TYPE_CHECKING:
    from tapgen.model import AliasState
    from tapgen.rehearsal.observation import Observation

_SCENARIOS = {scenario.name: scenario for scenario in SCENARIOS}


def _judge(name: str, seen: Observation) -> Verdict:
    return judge(_SCENARIOS[name], seen, slow_s=0.3)


def _failed(name: str, seen: Observation) -> list[Check]:
    return list(_judge(name, seen).failed)


def _stopped_by_operator() -> Observation:
    return rollout(
        alias(),
        alias("1", v2=0.1),
        alias(),
        alias(),
        ended=shift("Stopped", "MANUAL_STOP", failed="AllowTraffic"),
        stopped_s=1.5,
    )


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("candidate", shipped()),
        ("candidate", rollout(alias(), alias(), ended=None, outcome="done")),
        ("candidate", rollout(alias(), alias(), ended=None, outcome="unchanged")),
        ("throws", stopped_by(ERRORS, 1.5, 2.0)),
        ("answers-500", stopped_by(SERVER_ERRORS, 1.5, 2.0)),
        ("slow", stopped_by(LATENCY)),
        ("pre-hook", refused_by("BeforeAllowTraffic")),
        ("post-hook", refused_by("AfterAllowTraffic")),
        ("stop", _stopped_by_operator()),
    ],
)
def test_what_must_happen_passes(name: str, seen: Observation) -> None:
    """Each scenario passes when it was caught by what must catch it, and nothing was lost that need not be."""
    verdict = _judge(name, seen)

    assert verdict.passed, verdict.failed
    assert all(check.must and check.happened for check in verdict.checks)


def test_another_guard_does_not_count() -> None:
    """A version that throws is stopped by the 5xx guard as well: that its own guard slept is found all the same."""
    (check,) = _failed("throws", stopped_by(SERVER_ERRORS, 1.5))

    assert check.subject == "caught"
    assert check.happened == f"{ERRORS} stayed OK; {SERVER_ERRORS} went into ALARM instead"


def test_missing_guard_is_named() -> None:
    """A shift that no errors guard watches has none that could turn red."""
    seen = replace(stopped_by(SERVER_ERRORS, 1.5), guards=(SERVER_ERRORS,))

    (check,) = _failed("throws", seen)

    assert check.happened == f"the shift has no errors guard; {SERVER_ERRORS} went into ALARM instead"


def test_bad_version_that_ships_fails_everything() -> None:
    """A candidate that throws and goes live is not caught, not stopped, not rolled back, and loses requests."""
    seen = replace(shipped(), calls=rollouts.with_bad(shipped().calls, *[3.5 + index / 50 for index in range(40)]))

    assert [check.subject for check in _failed("throws", seen)] == [
        "caught",
        "stopped",
        "rollback",
        "alias",
        "requests",
    ]


def test_share_may_be_lost_and_no_more() -> None:
    """Of a hundred requests ten may hit the new version, or some more by luck; forty may not."""
    few = stopped_by(ERRORS, *[1.2 + index / 10 for index in range(8)])
    many = stopped_by(ERRORS, *[1.2 + index / 40 for index in range(40)])

    assert _judge("throws", few).passed
    (check,) = _failed("throws", many)
    assert check.subject == "requests"
    assert check.happened.startswith("40 of 103, chance allows 23")


@pytest.mark.parametrize("at_s", [0.0 - 0.5, 4.5])
def test_loss_outside_the_shift_fails(at_s: float) -> None:
    """One bad answer before the new version had a share, or after the alias was back, is one too many."""
    (check,) = _failed("throws", stopped_by(ERRORS, 1.5, at_s))

    assert check.subject == "requests"
    assert "1 of" in check.happened.partition(";")[2]


@pytest.mark.parametrize("name", ["candidate", "slow", "pre-hook", "post-hook", "stop"])
def test_single_loss_fails_where_none_is_allowed(name: str) -> None:
    """Where the old version serves, or the new one serves well, every request is answered well."""
    seen = {
        "candidate": shipped(),
        "slow": stopped_by(LATENCY),
        "pre-hook": refused_by("BeforeAllowTraffic"),
        "post-hook": refused_by("AfterAllowTraffic"),
        "stop": _stopped_by_operator(),
    }[name]

    (check,) = _failed(name, replace(seen, calls=(*seen.calls, call(1.5, status=0))))

    assert (check.subject, check.happened.partition(" ")[0]) == ("requests", "1")


@pytest.mark.parametrize("name", ["candidate", "throws"])
def test_no_requests_prove_nothing(name: str) -> None:
    """A rollout that nobody called cannot have lost a request, and has not shown that it does not."""
    seen = replace(shipped() if name == "candidate" else stopped_by(ERRORS), calls=())

    assert "requests" in [check.subject for check in _failed(name, seen)]


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"stack_status": "UPDATE_ROLLBACK_FAILED"}, "rollback"),
        ({"samples": rollouts.samples(alias(), alias("1", v2=0.1), alias("1", v2=0.1))}, "alias"),
        ({"samples": rollouts.samples(alias(), alias("1", v2=0.1), alias("2"))}, "alias"),
    ],
)
def test_incomplete_return_fails(change: dict[str, object], subject: str) -> None:
    """A stack that is not back, an alias that is still split, an alias that stays on the bad version."""
    seen = replace(stopped_by(ERRORS), **change)  # type: ignore[arg-type]  # the parameters above fit their fields

    assert [check.subject for check in _failed("throws", seen)] == [subject]


def test_hook_that_does_not_exist_fails_nothing() -> None:
    """CodeDeploy reports an event without a hook as succeeded; the scenario says that nobody judged."""
    seen = refused_by("BeforeAllowTraffic")
    unjudged = tuple(replace(state, shift=replace(state.shift, hooks=())) for state in seen.shifts)

    (check,) = _failed("pre-hook", replace(seen, shifts=unjudged))

    assert check.happened == "no function judges at BeforeAllowTraffic"


def test_red_guard_spoils_a_good_candidate() -> None:
    """A candidate that ships while a guard is red has not shown that its guards stay calm."""
    seen = replace(shipped(), alarm_states=rollouts.red(LATENCY, at_s=3.5))

    (check,) = _failed("candidate", seen)

    assert check.happened == f"in ALARM: {LATENCY}"


def test_failed_candidate_says_why() -> None:
    """The deploy's own words are told when it should have succeeded."""
    checks = _failed("candidate", stopped_by(LATENCY))

    assert checks[0].happened == "deployment-failed, UPDATE_ROLLBACK_COMPLETE: d-1 failed"


def test_impact_is_from_the_first_bad_answer_to_the_alias() -> None:
    """The bad time begins when the first bad answer arrives, and ends when the alias is seen on the old version."""
    verdict = _judge("throws", stopped_by(ERRORS, 2.0, 1.5))

    assert verdict.impact.bad == 2
    assert verdict.impact.first_bad_s == pytest.approx(1.52)
    assert verdict.impact.recovered_s == 3.0
    assert verdict.impact.lasted_s == pytest.approx(1.48)


def test_slow_answers_are_bad_where_slowness_is_the_fault() -> None:
    """An answer past the threshold starts the clock of the latency scenario, and of no other one."""
    seen = stopped_by(LATENCY)
    seen = replace(seen, calls=(*seen.calls, call(1.5, duration_s=0.4)))

    assert _judge("slow", seen).impact.first_bad_s == pytest.approx(1.9)
    assert _judge("throws", seen).impact.first_bad_s is None


def test_times_are_told_in_aws_minutes() -> None:
    """Two and a half seconds here, less the first half minute, are so many minutes of a shift."""
    caught = _judge("throws", stopped_by(ERRORS, 1.5)).checks[0]

    assert caught.happened.startswith(f"in ALARM {2.5 / MINUTE_S:.1f} min into the shift: Threshold Crossed")


@pytest.mark.parametrize(
    ("name", "guard"),
    [
        (ERRORS, "errors"),
        (LATENCY, "latency"),
        (SERVER_ERRORS, "5xx"),
        ("shop-guard-nightly-job-errors-1a2b", "errors"),
        ("errors-eu-west-1-api-5xx", None),
    ],
)
def test_guards_are_told_by_their_names(name: str, guard: str | None) -> None:
    """Whatever the function is called; which guards are its own is told by the template."""
    assert guard_of(name) == guard


def _companion(*, began_s: float = 0.6, code: str = "MANUAL_STOP", after: AliasState | None = None) -> Companion:
    """A function that changed with the broken one, whose shift was ended with it."""
    states = (ShiftState(at_s=began_s, shift=shift("InProgress")), ShiftState(at_s=4.0, shift=shift("Stopped", code)))
    return Companion(function="shop-prod-eu-west-1-jobs", shifts=states, before=alias(), after=after or alias())


def test_release_goes_back_as_one() -> None:
    """The others began with the broken function and are where they were; whichever shift a guard ended."""
    seen = replace(stopped_by(ERRORS, 1.5, 2.0), companions=(_companion(),))
    assert _failed("together", seen) == []

    first = replace(seen.shifts[-1], shift=shift("Stopped", "MANUAL_STOP", failed="AllowTraffic"))
    seen = replace(seen, shifts=(seen.shifts[0], first), companions=(_companion(code="ALARM_ACTIVE"),))
    assert _failed("together", seen) == []


@pytest.mark.parametrize(
    ("companions", "told"),
    [
        ((), "0 of 0"),
        ((_companion(began_s=9.0),), "late: shop-prod-eu-west-1-jobs"),
        ((_companion(after=alias("2")),), "not back: shop-prod-eu-west-1-jobs"),
        ((_companion(after=alias("1", v2=0.1)),), "not back: shop-prod-eu-west-1-jobs"),
    ],
)
def test_function_that_shifts_by_itself_fails(companions: tuple[Companion, ...], told: str) -> None:
    """One that began when another had ended, or stayed on its new version, was no part of the release."""
    (failed,) = _failed("together", replace(stopped_by(ERRORS, 1.5, 2.0), companions=companions))

    assert failed.subject == "together"
    assert told in failed.happened
