"""Which scenarios say something about an environment, and how much traffic they take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import UsageError
from tapgen.rehearsal.scenarios import CANDIDATE, SCENARIOS, enough_requests_per_min, slow_enough_ms, why_not
from tapgen.rehearsal.subject import choose_subject, companions_of
from tapgen.service import Service
from tests.unit.templates.variants import VARIANTS

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

_PROD = VARIANTS["prod"]
_API = choose_subject(_PROD.service, "api")


def _shifting(**fields: object) -> Environment:
    return replace(_PROD, shift=replace(_PROD.shift, **fields))  # type: ignore[arg-type]  # the fields are the test's own


def test_production_is_rehearsed_in_full() -> None:
    """Nothing is left out of the environment that matters most, but what only a service of several stacks can do."""
    assert [scenario.name for scenario in SCENARIOS if why_not(scenario, _PROD, _API)] == ["together"]


def test_companions_are_of_other_stacks_too() -> None:
    """Five functions change with the subject, three of them in further compute stacks."""
    service = Service("many")
    for number in range(8):
        service.function(f"f{number}").route(f"GET /f{number}")
    model = replace(service.model(), blocks={f"function/f{number}": 2 for number in range(4, 8)})
    subject = choose_subject(model, "f0")

    assert [each.name for each in companions_of(model, subject)] == ["f1", "f2", "f4", "f5", "f6"]
    assert why_not(SCENARIOS[-1], replace(_PROD, service=model), subject) == ""


def test_function_that_nobody_waits_for_has_no_answers_to_be_slow_or_wrong() -> None:
    """What needs a caller is left out, and told so; what it throws and what hooks see is rehearsed."""
    archiver = choose_subject(_PROD.service, "archiver")
    left_out = {scenario.name: why_not(scenario, _PROD, archiver) for scenario in SCENARIOS}

    assert {name for name, why in left_out.items() if why} == {"answers-500", "slow", "together"}
    assert left_out["slow"] == "nobody waits for answers of the function archiver"


def test_function_is_chosen_by_name_or_as_the_first_that_callers_wait_for() -> None:
    """A name that is none is refused, with those that there are."""
    assert choose_subject(_PROD.service, None).name == "api"
    with pytest.raises(UsageError, match="no function 'nightly'") as caught:
        choose_subject(_PROD.service, "nightly")
    assert caught.value.hint == "it has api, archiver"


def test_function_whose_journey_sends_nothing_is_refused() -> None:
    """Traffic of nothing would make every guard look calm."""
    service = Service("jobs")
    service.function("nightly")

    with pytest.raises(UsageError, match="its journey sends nothing"):
        choose_subject(service.model(), None)


def test_all_at_once_leaves_alarms_nothing_to_stop() -> None:
    """Where all traffic moves at once, only the candidate and the hook before the traffic can be rehearsed."""
    at_once = _shifting(type="all-at-once")

    assert [scenario.name for scenario in SCENARIOS if not why_not(scenario, at_once, _API)] == [
        "candidate",
        "pre-hook",
    ]


def test_each_scenario_has_one_way_to_be_caught() -> None:
    """A guard, a hook or an operator; the candidate alone ships."""
    for scenario in SCENARIOS:
        ways = [scenario.guard is not None, scenario.hook is not None, scenario.operator]
        assert sum(ways) == (0 if scenario is CANDIDATE else 1)
        assert bool(scenario.error_code) is not scenario.ships
        assert (scenario.fault is None) is scenario.ships


def test_slowness_is_past_the_threshold_and_within_the_timeout() -> None:
    """Every answer is beyond the guard's p90, and none becomes a timeout, which would be another fault."""
    threshold_ms = _PROD.alarms.latency_p90_ms

    assert threshold_ms < slow_enough_ms(_PROD) < _PROD.functions["api"].timeout_s * 1000


@pytest.mark.parametrize(
    ("fields", "per_min"),
    [
        # Twice the minimum of requests and a little more, of which the canary gets a tenth for ten minutes.
        ({"minimum_requests": 20}, 44),
        ({"minimum_requests": 200}, 440),
        # Three requests a minute for the percentile's sake.
        ({"minimum_requests": 0}, 30),
        ({"minimum_requests": 0, "percentage": 50}, 20),
        ({"type": "all-at-once"}, 20),
    ],
)
def test_traffic_is_enough_for_the_guards(fields: dict[str, object], per_min: float) -> None:
    """A smaller share, a higher minimum: more requests."""
    assert enough_requests_per_min(_shifting(**fields)) == pytest.approx(per_min)


def test_traffic_reaches_the_thresholds() -> None:
    """A guard that wants ten errors in a minute gets twenty requests in it."""
    environment = replace(_shifting(minimum_requests=0), alarms=replace(_PROD.alarms, api_5xx=10))

    assert enough_requests_per_min(environment) == 200
