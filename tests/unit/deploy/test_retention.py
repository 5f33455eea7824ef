"""What stays and what goes: every side that can need a file or a version is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen.aws.objects import ListedObject
from tapgen.deploy.retention.decide import Facts, Function, decide_retention, kept_releases
from tapgen.deploy.state.observed_state import History
from tapgen.model import AliasState, StackState
from tests.unit.ledger.conftest import make

if TYPE_CHECKING:
    from tapgen.deploy.retention.decide import Decision
    from tapgen.ledger.record import Record

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def _history(*records: Record, live: str) -> History:
    root = StackState(name="shop", stack_id="shop", status="UPDATE_COMPLETE", parameters={"ReleaseId": live})
    return History(root=root, records=records)


def _object(key: str) -> ListedObject:
    return ListedObject(key=key, size_bytes=10, last_modified=AT)


def _facts(history: History, **parts: Any) -> Facts:
    ids = ["aaaa", "bbbb", "cccc", "dddd", "eeee"]
    objects = [_object(f"templates/root/{each}.json") for each in ids]
    objects += [_object(f"artifacts/api/{each}.zip") for each in ids]
    defaults: dict[str, Any] = {"objects": objects, "others": {}, "stacks": {}, "functions": ()}
    return Facts(history=history, **defaults | parts)


def _gone(decisions: tuple[Decision, ...]) -> set[str]:
    return {decision.name for decision in decisions if not decision.keep}


HISTORY = _history(make(1, "aaaa"), make(2, "bbbb"), make(3, "cccc", "rolled-back"), make(4, "dddd"), live="dddd")


def test_files_of_releases_beyond_the_last_ones_go() -> None:
    """Of two kept releases, the failed one between them and the oldest lose their files; so do files of nobody."""
    assert _gone(decide_retention(_facts(HISTORY), keep=2)) == {
        *("templates/root/aaaa.json", "templates/root/cccc.json", "templates/root/eeee.json"),
        *("artifacts/api/aaaa.zip", "artifacts/api/cccc.zip", "artifacts/api/eeee.zip"),
    }


def test_reports_stay_longer_than_what_they_tell_of() -> None:
    """The newest fifty stay whether their release does or not; an older one stays with a kept release alone."""
    records = [make(1, "aaaa"), *(make(sequence, f"{sequence:04}", "rolled-back") for sequence in range(2, 60))]
    reports = [_object(f"reports/shop/{sequence:08d}.html") for sequence in (1, 2, 9, 10, 59)]
    decisions = decide_retention(_facts(_history(*records, live="aaaa"), reports=reports), keep=1)

    assert {each for each in _gone(decisions) if each.startswith("reports/")} == {
        "reports/shop/00000002.html",
        "reports/shop/00000009.html",
    }


def test_live_release_stays_however_old_it_is() -> None:
    """After a rollback to the first release it is live, and keeping one keeps it."""
    history = _history(*HISTORY.records, make(5, "aaaa", restores=1), live="aaaa")

    gone = _gone(decide_retention(_facts(history), keep=1))

    assert "templates/root/aaaa.json" not in gone
    assert "templates/root/dddd.json" in gone


def test_rollback_counts_once() -> None:
    """A release that was live twice takes one place of those to keep."""
    history = _history(make(1, "aaaa"), make(2, "bbbb"), make(3, "aaaa", restores=1), make(4, "cccc"), live="cccc")

    assert set(kept_releases(history, keep=2)) == {1, 3, 4}


def test_unfinished_and_prepared_releases_stay() -> None:
    """A deploy that may be running, or a change set that waits to be executed, keeps its files."""
    history = _history(make(1, "aaaa", None), make(2, "bbbb", "prepared"), make(3, "dddd"), live="dddd")

    assert _gone(decide_retention(_facts(history), keep=1)) == {
        *("templates/root/cccc.json", "templates/root/eeee.json"),
        *("artifacts/api/cccc.zip", "artifacts/api/eeee.zip"),
    }


def test_other_deployments_and_live_stacks_keep_what_they_need() -> None:
    """Every record of a neighbour counts, however old, and what a live stack uses counts without any record."""
    others = {"shop-pr-42": (make(1, "aaaa", "rolled-back"),)}
    stacks = {"old-stack": frozenset({"templates/root/eeee.json"})}

    decisions = decide_retention(_facts(HISTORY, others=others, stacks=stacks), keep=1)

    reasons = {decision.name: decision.reason for decision in decisions if decision.keep}
    assert reasons["templates/root/aaaa.json"] == "release 1 of shop-pr-42"
    assert reasons["templates/root/eeee.json"] == "the stack old-stack uses it"
    assert reasons["templates/root/dddd.json"] == "release 4 is live"


def test_versions_that_somebody_needs_stay() -> None:
    """Aliases and their weights, the stack, the newest three, and what a kept release published."""
    outcome = HISTORY.records[1].outcome
    assert outcome is not None
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:shop-api:4"
    second = replace(HISTORY.records[1], outcome=replace(outcome, outputs={"ApiVersionArn": arn}))
    history = replace(HISTORY, records=(HISTORY.records[0], second, *HISTORY.records[2:]))
    function = Function(
        name="shop-api",
        versions=tuple(str(number) for number in range(1, 10)),
        aliases=(AliasState(function="shop-api", name="live", version="1", weights={"2": 0.1}),),
        in_stack=("3",),
    )

    decisions = decide_retention(_facts(history, objects=(), functions=(function,)), keep=2)

    assert _gone(decisions) == {"shop-api:5", "shop-api:6"}
    reasons = [decision.reason for decision in decisions if decision.keep]
    assert reasons == [
        "the alias live sends traffic to it",
        "the alias live sends traffic to it",
        "the stack has it",
        "release 2 is among the last 2",
        *["it is among the newest 3"] * 3,
    ]
