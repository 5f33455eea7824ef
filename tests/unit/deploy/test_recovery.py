"""The table of recoveries, row by row: what was observed, and the one safe action."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tapgen.aws.change_sets import ListedChangeSet
from tapgen.deploy.recovery.actions import (
    ContinueRollback,
    DeleteAgain,
    DeleteChangeSets,
    DeleteEmptyStack,
    DeleteFailedCreate,
    Nothing,
    Refuse,
    RepairAlias,
    RollBackStack,
    SettleRecords,
    StopShifts,
)
from tapgen.deploy.recovery.decide import Facts, choose_action
from tapgen.deploy.state.observed_state import Alias, Group, History, Situation
from tapgen.deploy.state.stack_tree import StackSurvey, Survey
from tapgen.errors import ExitCode
from tapgen.ledger.record import Execution, Record
from tapgen.model import AliasState, StackResource, StackState
from tests.unit.ledger.conftest import make

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHILD_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-Compute-1X/0f0f"


def _resource(logical_id: str, resource_type: str, status: str) -> StackResource:
    return StackResource(logical_id=logical_id, physical_id=logical_id, resource_type=resource_type, status=status)


def _situation(status: str = "UPDATE_COMPLETE", *resources: StackResource, **parts: Any) -> Situation:
    root = StackState(name="shop", stack_id="shop-id", status=status, parameters={"ReleaseId": "aaaa"})
    top = StackSurvey(label="root", stack_id="shop-id", status=status, resources=())
    child = StackSurvey(label="Compute", stack_id=CHILD_ID, status=status, resources=resources)
    history = History(root=root, records=parts.pop("records", ()), change_sets=parts.pop("change_sets", ()))
    return Situation(history=history, survey=Survey(root=root, stacks=(top, child)), **parts)


def _choose(situation: Situation, *, held: tuple[str, ...] = (), versions: tuple[str, ...] = ()) -> Any:
    return choose_action(situation, Facts(held=held, versions={"shop-api": versions}), options="--env dev")


def _alias(version: str, *, expected: str | None = "2", weights: dict[str, float] | None = None) -> Alias:
    state = AliasState(function="shop-api", name="live", version=version, weights=weights or {})
    return Alias(path="Compute.ApiLiveAlias", expected=expected, state=state)


def _change_set(record: Record, execution: str = "AVAILABLE", name: str = "") -> ListedChangeSet:
    return ListedChangeSet(
        change_set_id=f"arn:aws:cloudformation:changeSet/{name or record.intent.change_set_name}/1",
        name=name or record.intent.change_set_name,
        status="CREATE_COMPLETE",
        execution_status=execution,
        created_at=AT,
    )


RUNNING = (Group(application="shop", name="shop-api", running=("d-1",), guards=()),)


@pytest.mark.parametrize(
    "status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"]
)
def test_running_operation_is_left_alone(status: str) -> None:
    """It ends by itself: attach follows it, whatever shift belongs to it."""
    action = _choose(_situation(status, groups=RUNNING))

    assert isinstance(action, Refuse)
    assert action.error.exit_code == ExitCode.REFUSED
    assert "tapgen attach --env dev" in action.error.hint


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_shift_that_no_stack_waits_for_is_stopped_first(status: str) -> None:
    """An orphan shift blocks every later one, and the rollback of the stack."""
    assert _choose(_situation(status, groups=RUNNING)) == StopShifts(deployment_ids=("d-1",))


def test_review_left_over_is_deleted() -> None:
    """A change set made an empty stack, and nobody executed it."""
    assert _choose(_situation("REVIEW_IN_PROGRESS")) == DeleteEmptyStack()


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_failed_first_create_is_deleted_only_without_data(status: str) -> None:
    """A stack that never was goes; one whose table holds something is a person's to decide on."""
    assert _choose(_situation(status)) == DeleteFailedCreate(status=status)

    action = _choose(_situation(status), held=("AWS::DynamoDB::Table shop-orders",))
    assert isinstance(action, Refuse)
    assert action.error.exit_code == ExitCode.NEEDS_HUMAN
    assert action.error.why == "AWS::DynamoDB::Table shop-orders"
    assert "--delete-data" in action.error.hint


def test_failed_rollback_is_continued_and_skips_only_what_is_harmless() -> None:
    """An alarm may stay as it is; an alias, a policy, a table are tried again. Names as the API wants them."""
    action = _choose(
        _situation(
            "UPDATE_ROLLBACK_FAILED",
            _resource("Guard", "AWS::CloudWatch::Alarm", "UPDATE_FAILED"),
            _resource("ApiLiveAlias", "AWS::Lambda::Alias", "UPDATE_FAILED"),
            _resource("Fine", "AWS::CloudWatch::Alarm", "UPDATE_COMPLETE"),
        )
    )

    assert action == ContinueRollback(skip=("shop-Compute-1X.Guard",), retried=("shop-Compute-1X.ApiLiveAlias",))
    assert "leaving shop-Compute-1X.Guard as it is, trying shop-Compute-1X.ApiLiveAlias again" in action.text


def test_failed_update_without_rollback_is_rolled_back() -> None:
    """UPDATE_FAILED is left by RollbackStack."""
    assert _choose(_situation("UPDATE_FAILED")) == RollBackStack()


def test_failed_delete_is_tried_again() -> None:
    """DELETE_FAILED names what is in the way when it fails again."""
    assert _choose(_situation("DELETE_FAILED")) == DeleteAgain()


def test_state_without_a_row_is_refused() -> None:
    """What is not known to be safe is not done."""
    action = _choose(_situation("IMPORT_ROLLBACK_FAILED"))

    assert isinstance(action, Refuse)
    assert action.error.exit_code == ExitCode.NEEDS_HUMAN


def test_alias_that_was_left_split_or_moved_goes_back_to_its_stack() -> None:
    """The version that the stack has gets all the traffic."""
    split = _choose(_situation(aliases=(_alias("2", weights={"3": 0.1}),)), versions=("1", "2", "3"))
    assert isinstance(split, RepairAlias)
    assert (split.function, split.alias, split.version) == ("shop-api", "live", "2")
    assert "10% version 3" in split.text

    moved = _choose(_situation(aliases=(_alias("1"),)), versions=("1", "2"))
    assert isinstance(moved, RepairAlias)
    assert moved.version == "2"
    assert _choose(_situation(aliases=(_alias("2"),))) == Nothing()


@pytest.mark.parametrize(
    "alias", [_alias("1"), _alias("1", expected=None, weights={"3": 0.1}), replace(_alias("1"), state=None)]
)
def test_alias_whose_version_is_gone_is_a_persons_to_decide_on(alias: Alias) -> None:
    """Without the version, or without knowing which, nothing is moved."""
    action = _choose(_situation(aliases=(alias,)), versions=("1",))

    assert isinstance(action, Refuse)
    assert action.error.code == "alias-beyond-repair"


def test_change_set_of_a_dead_deploy_is_deleted_and_no_other() -> None:
    """One that was prepared on purpose, one of somebody else, and one that was executed stay."""
    dead, kept, done = make(1, "aaaa", None), make(2, "bbbb", "prepared"), make(3, "cccc")
    listed = (
        _change_set(dead),
        _change_set(kept),
        _change_set(done, "EXECUTE_COMPLETE"),
        _change_set(dead, name="mine"),
    )
    situation = _situation(records=(dead, kept, done), change_sets=listed)

    assert _choose(situation) == DeleteChangeSets(change_set_ids=(listed[0].change_set_id,))


def test_release_without_an_outcome_is_settled() -> None:
    """Unfinished uploads and executions that nobody watched get an outcome, with or without a stack."""
    upload = make(1, "bbbb", None)
    execution = Execution(change_set_id="cs", stack_id="s", who="ada", host="laptop", started_at=AT)
    unwatched = replace(make(2, "aaaa", None), execution=execution)

    assert _choose(_situation(records=(upload, unwatched))) == SettleRecords(sequences=(1, 2))
    nowhere = Situation(history=History(root=None, records=(upload,)))
    assert _choose(nowhere) == SettleRecords(sequences=(1,))


def test_all_is_well() -> None:
    """A healthy deployment, and one that was never deployed, need nothing."""
    assert _choose(_situation(records=(make(1, "aaaa"),), aliases=(_alias("2"),))) == Nothing()
    assert _choose(Situation(history=History(root=None, records=()))) == Nothing()
