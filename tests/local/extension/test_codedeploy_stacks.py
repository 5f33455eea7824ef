"""Shifts within larger stacks: in nested stacks, and across a restart."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.local.conftest import Stacks, client_factory
from tests.local.extension.conftest import MINUTE_S, start, until
from tests.local.extension.shift_observed import Observed, begin_update, reasons
from tests.local.extension.shift_service import CANARY, HELD, Guarded, alarm, nested

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.local.server import LocalAws
    from tests.local.conftest import ClientFactory


def test_a_shift_in_a_nested_stack_holds_parent_and_child(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """Both are in progress as long as the shift is."""
    service, observed = Guarded(name), Observed(shift_client, name)
    assert shift_stacks.create(name, nested(shift_stacks, service.template())) == "CREATE_COMPLETE"
    child = shift_stacks.resources(name)["Child"]
    service.release, service.config = 2, CANARY
    begin_update(shift_stacks, name, nested(shift_stacks, service.template()))
    until(lambda: observed.alias()[1])

    assert shift_stacks.describe(name)["StackStatus"] == "UPDATE_IN_PROGRESS"
    assert shift_stacks.describe(child)["StackStatus"] == "UPDATE_IN_PROGRESS"
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    assert observed.alias() == ("2", {})


def test_a_failed_shift_in_a_nested_stack_rolls_the_root_back(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """The child names the alias, the parent names the child, both end where they were."""
    service, observed = Guarded(name, alarms=[name]), Observed(shift_client, name)
    template = service.template(Alarm=alarm(name))
    assert shift_stacks.create(name, nested(shift_stacks, template)) == "CREATE_COMPLETE"
    child = shift_stacks.resources(name)["Child"]
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    service.release = 2
    template = service.template(Alarm=alarm(name))
    assert shift_stacks.update(name, nested(shift_stacks, template)) == "UPDATE_ROLLBACK_COMPLETE"

    assert shift_stacks.describe(child)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert observed.alias() == ("1", {})
    (failure,) = [reason for status, reason in reasons(shift_stacks, name, "Child") if status == "UPDATE_FAILED"]
    assert "was not successfully updated" in failure
    assert "failed to update: [Alias]" in failure


def test_cancelling_the_root_stops_a_shift_in_a_nested_stack(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """A cancellation concerns the root; the shift further down hears of it."""
    service, observed = Guarded(name), Observed(shift_client, name)
    assert shift_stacks.create(name, nested(shift_stacks, service.template())) == "CREATE_COMPLETE"
    service.release, service.config = 2, HELD
    begin_update(shift_stacks, name, nested(shift_stacks, service.template()))
    until(lambda: observed.alias()[1])
    shift_stacks.cfn.cancel_update_stack(StackName=name)
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert observed.alias() == ("1", {})


def test_state_survives_a_restart(tmp_path: Path, name: str) -> None:
    """Applications, groups and finished deployments are found again."""
    aws = start(tmp_path, MINUTE_S)
    try:
        client = client_factory(aws.status())
        stacks, service = Stacks(client), Guarded(name)
        assert stacks.create(name, service.template()) == "CREATE_COMPLETE"
        service.release = 2
        assert stacks.update(name, service.template()) == "UPDATE_COMPLETE"
        before = Observed(client, name).deployments()
        aws.stop()
        client = client_factory(aws.start())
        assert Observed(client, name).deployments() == before
        service.release = 3
        assert Stacks(client).update(name, service.template()) == "UPDATE_COMPLETE"
        assert Observed(client, name).alias() == ("3", {})
    finally:
        aws.stop()


@pytest.mark.parametrize("clean", [True, False])
def test_a_deployment_that_a_restart_interrupts_is_rolled_back(
    tmp_path: Path,
    name: str,
    clean: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """It fails with INTERNAL_ERROR, and no alias stays split, whether the process was stopped or killed."""
    aws = start(tmp_path, "10", save="changes")
    try:
        client = client_factory(aws.status())
        stacks, service = Stacks(client), Guarded(name)
        assert stacks.create(name, service.template()) == "CREATE_COMPLETE"
        service.release, service.config = 2, CANARY
        begin_update(stacks, name, service.template())
        until(lambda: Observed(client, name).alias()[1])
        end(aws, tmp_path, clean=clean)
        observed = Observed(client_factory(aws.start()), name)
        failed, rollback = observed.deployments()
        assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "INTERNAL_ERROR")
        assert rollback["status"] == "Succeeded"
        assert observed.alias() == ("1", {})
    finally:
        aws.stop()


def end(aws: LocalAws, root: Path, *, clean: bool) -> None:
    if clean:
        aws.stop()
        return
    until(lambda: "InProgress" in saved(root))
    pid = aws.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: not aws.status().running)


def saved(root: Path) -> str:
    """What the state folder holds of CodeDeploy."""
    files = list(root.rglob("codedeploy.json"))
    return files[0].read_text() if files else ""
