"""What counts as moved since a plan was made, and for how long a plan is good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tapgen.deploy.plans.document import SealedPlan, open_plan, seal_plan
from tapgen.deploy.plans.staleness import find_moves, require_timely, require_unmoved
from tapgen.errors import RefusedError
from tapgen.ledger.record import Intent, Plan

MADE = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
PLAN = SealedPlan(
    intent=Intent(
        sequence=7,
        token="0" * 32,
        release_id="0123456789abcdef",
        operation="deploy",
        settings={"environment": "prod", "parameters": {}},
        templates=(),
        artifacts=(),
        template_url="",
        change_set_name="release",
        who="arn:aws:iam::123456789012:user/one",
        host="here",
        started_at=MADE,
        tool="tapgen/1",
    ),
    plan=Plan(change_set_id="change-set", stack_id="stack", kind="UPDATE", created_at=MADE, counts={}, changes=()),
    bound={"guard": {"api-5xx": "OK"}, "alias": {"Compute.ApiLiveAlias": "version 4"}},
    expires_at=MADE + timedelta(hours=8),
)


@pytest.mark.parametrize(
    ("planned", "now", "moves"),
    [
        ("OK", "OK", 0),
        ("OK", "INSUFFICIENT_DATA", 0),
        ("INSUFFICIENT_DATA", "OK", 0),
        ("OK", "ALARM", 1),
        ("INSUFFICIENT_DATA", "ALARM", 1),
        ("ALARM", "OK", 1),
    ],
)
def test_a_guard_moves_when_it_turns_red_or_calm(planned: str, now: str, moves: int) -> None:
    """A plan that breaks the glass for a red guard does not fit a calm one."""
    found = list(find_moves({"guard": {"g": planned}}, {"guard": {"g": now}}))

    assert len(found) == moves


def test_what_came_and_what_went_has_moved() -> None:
    """A guard that was deleted, an alias that is new; both values are said."""
    moves = [str(move) for move in find_moves(PLAN.bound, {"alias": {"Compute.ApiLiveAlias": "version 4", "x": "y"}})]

    assert moves == ["alias x: was absent, is y", "guard api-5xx: was OK, is absent"]


def test_the_first_cause_gives_the_code() -> None:
    """A stack that was updated has lost its change sets, too: the update is what happened."""
    with pytest.raises(RefusedError) as caught:
        require_unmoved(replace(PLAN, bound={"change set": {"root": "a"}, "stack": {"root": "b"}}), {})

    assert caught.value.code == "plan-stale"
    assert caught.value.exit_code == 3
    assert caught.value.why.splitlines()[0] == "stack root: was b, is absent"


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (MADE - timedelta(minutes=6), "plan-clock"),
        (MADE - timedelta(minutes=4), ""),
        (MADE, ""),
        (MADE + timedelta(hours=8, seconds=-1), ""),
        (MADE + timedelta(hours=8), "plan-expired"),
    ],
)
def test_a_plan_is_good_from_its_making_to_its_end(now: datetime, code: str) -> None:
    """By AWS's clock, whose services may differ by a little."""
    if not code:
        require_timely(PLAN, now)
        return
    with pytest.raises(RefusedError) as caught:
        require_timely(PLAN, now)
    assert caught.value.code == code


def test_a_file_holds_the_plan_and_any_edit_shows() -> None:
    """Reading what was written gives the plan; a change of any byte that means something is refused."""
    sealed, file = seal_plan(PLAN)

    assert open_plan(file, place="plan.json") == sealed
    for before, after in ((b'"UPDATE"', b'"CREATE"'), (b"version 4", b"version 5"), (b"+00:00", b"+01:00")):
        assert before in file
        with pytest.raises(RefusedError) as caught:
            open_plan(file.replace(before, after, 1), place="plan.json")
        assert caught.value.code == "plan-edited"
