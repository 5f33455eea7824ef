"""What keeps a shift from its end: alarms, people, a busy group, an alias that is somewhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Observed, assert_linked, assert_told, begin_update, reasons
from tests.local.extension.shift_service import HELD, Guarded, alarm

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

MISMATCH = "The Lambda function alias version does not match the current version in AppSpec file."


def active(name: str) -> str:
    return (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
        f"affected deployments have been stopped. Activated alarms: <{name}>"
    )


def revision(name: str, *, current: str, target: str) -> dict[str, Any]:
    """What CreateDeployment takes for a function's alias."""
    properties = {"Name": name, "Alias": "live", "CurrentVersion": current, "TargetVersion": target}
    content = {"version": 0.0, "Resources": [{"it": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}


def stopped_half_way(guarded: Guarded, observed: Observed, stacks: Stacks, *, roll_back: bool) -> str:
    """Start a canary of release 2 and stop it; the deployment's id, once the stack has gone back."""
    guarded.release, guarded.config = 2, HELD
    begin_update(stacks, guarded.name, guarded.template())
    until(lambda: observed.alias()[1])
    (running,) = observed.deployments()
    observed.codedeploy.stop_deployment(deploymentId=running["deploymentId"], autoRollbackEnabled=roll_back)
    assert stacks.settled(guarded.name) == "UPDATE_ROLLBACK_COMPLETE"
    return str(running["deploymentId"])


def test_a_red_alarm_stops_a_shift_before_it_starts(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """Not even a fix gets past it: the alias never leaves its version."""
    guarded.alarms = [name]
    assert shift_stacks.update(name, guarded.template(Alarm=alarm(name))) == "UPDATE_COMPLETE"
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template(Alarm=alarm(name))) == "UPDATE_ROLLBACK_COMPLETE"

    stopped, rollback = observed.deployments()
    assert stopped["status"] == "Stopped"
    assert stopped["errorInformation"] == {"code": "ALARM_ACTIVE", "message": active(name)}
    assert observed.event_statuses(stopped["deploymentId"]) == ["Failed", "Skipped", "Skipped"]
    assert_linked(stopped, rollback)
    assert_told(reasons(shift_stacks, name, "Alias"), stopped, rollback)
    assert observed.alias() == ("1", {})


def test_an_alarm_during_the_canary_stops_it_and_rolls_back(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """Stopped, not failed; the rollback is a deployment of its own, linked from both ends; AWS's texts and events."""
    guarded.release, guarded.config, guarded.alarms = 2, HELD, [name]
    begin_update(shift_stacks, name, guarded.template(Alarm=alarm(name)))
    until(lambda: observed.alias()[1])
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"

    stopped, rollback = observed.deployments()
    assert stopped["status"] == "Stopped"
    assert stopped["errorInformation"] == {"code": "ALARM_ACTIVE", "message": active(name)}
    assert observed.event_statuses(stopped["deploymentId"]) == ["Succeeded", "Failed", "Skipped"]
    assert observed.event_statuses(rollback["deploymentId"]) == ["Succeeded"] * 3
    assert_linked(stopped, rollback)
    assert observed.alias() == ("1", {})
    assert_told(reasons(shift_stacks, name, "Alias"), stopped, rollback)
    summary = ("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Alias].")
    assert summary in reasons(shift_stacks, name, name)


def test_a_missing_alarm_stops_the_shift(guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str) -> None:
    """Alarm status that cannot be read counts as bad unless the group says otherwise."""
    guarded.release, guarded.alarms = 2, [f"{name}-nowhere"]
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_ROLLBACK_COMPLETE"
    assert observed.deployments()[0]["status"] == "Stopped"
    assert observed.alias() == ("1", {})


def test_stopping_with_rollback_brings_the_alias_back(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """An operator's stop fails the update, and the stack goes back."""
    running = stopped_half_way(guarded, observed, shift_stacks, roll_back=True)

    stopped, rollback = observed.deployments()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert observed.event_statuses(running) == ["Succeeded", "Failed", "Skipped"]
    assert_linked(stopped, rollback)
    assert_told(reasons(shift_stacks, name, "Alias"), stopped, rollback)
    assert observed.alias() == ("1", {})
    with pytest.raises(ClientError, match="DeploymentAlreadyCompletedException"):
        observed.codedeploy.stop_deployment(deploymentId=running)


def test_stopping_without_rollback_leaves_a_split_that_blocks_the_next_shift(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The alias keeps both versions, and every later deployment fails until somebody clears it."""
    stopped_half_way(guarded, observed, shift_stacks, roll_back=False)
    assert observed.alias() == ("1", {"2": 0.1})
    (stopped,) = observed.deployments()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert "rollbackInfo" not in stopped

    guarded.release = 3
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_ROLLBACK_COMPLETE"
    assert observed.deployments()[-1]["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"
    assert observed.alias() == ("1", {"2": 0.1})


def test_without_its_event_a_failure_is_not_rolled_back(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """A group that does not list DEPLOYMENT_STOP_ON_ALARM leaves the split behind."""
    guarded.release, guarded.config, guarded.alarms, guarded.events = 2, HELD, [name], ["DEPLOYMENT_FAILURE"]
    begin_update(shift_stacks, name, guarded.template(Alarm=alarm(name)))
    until(lambda: observed.alias()[1])
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert [deployment["status"] for deployment in observed.deployments()] == ["Stopped"]
    assert observed.alias() == ("1", {"2": 0.1})


def test_cancelling_the_update_stops_the_shift(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """CancelUpdateStack does not wait for the shift's end."""
    guarded.release, guarded.config = 2, HELD
    begin_update(shift_stacks, name, guarded.template())
    until(lambda: observed.alias()[1])
    shift_stacks.cfn.cancel_update_stack(StackName=name)
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    stopped, rollback = observed.deployments()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert_linked(stopped, rollback)
    assert observed.alias() == ("1", {})
    assert ("UPDATE_FAILED", "Resource update cancelled") in reasons(shift_stacks, name, "Alias")
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated") in reasons(shift_stacks, name, name)


def test_a_busy_group_refuses_a_second_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """One active deployment per group."""
    guarded.release, guarded.config = 2, HELD
    begin_update(shift_stacks, name, guarded.template())
    until(lambda: observed.alias()[1])
    (running,) = observed.deployments()
    sha256 = running["revision"]["appSpecContent"]["sha256"]
    revision = observed.codedeploy.get_application_revision(
        applicationName=name, revision={"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256}}
    )["revision"]
    with pytest.raises(ClientError) as refusal:
        observed.codedeploy.create_deployment(
            applicationName=name, deploymentGroupName=f"{name}-group", revision=revision
        )
    assert refusal.value.response["Error"]["Code"] == "DeploymentLimitExceededException"
    assert running["deploymentId"] in refusal.value.response["Error"]["Message"]
    observed.codedeploy.stop_deployment(deploymentId=running["deploymentId"])
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_stack_that_finds_its_group_busy_goes_back(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """A deployment that somebody has started by hand goes on; the update fails with CodeDeploy's words."""
    awslambda = shift_client("lambda")
    awslambda.update_function_configuration(FunctionName=name, Description="by hand")
    awslambda.publish_version(FunctionName=name)
    by_hand = observed.codedeploy.create_deployment(
        applicationName=name,
        deploymentGroupName=f"{name}-group",
        deploymentConfigName=HELD,
        revision=revision(name, current="1", target="2"),
    )["deploymentId"]
    until(lambda: observed.alias()[1])
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_ROLLBACK_COMPLETE"

    (failure,) = [reason for status, reason in reasons(shift_stacks, name, "Alias") if status == "UPDATE_FAILED"]
    assert f"The Deployment Group '{name}-group' already has an active Deployment '{by_hand}'" in failure
    (running,) = observed.deployments()
    assert running["status"] == "InProgress"
    observed.codedeploy.stop_deployment(deploymentId=by_hand)
    until(lambda: observed.alias() == ("1", {}))


def test_an_alias_that_was_moved_by_hand_fails_the_shift(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """The AppSpec file's current version must be the alias's; nothing is rolled back, for nothing was moved."""
    awslambda = shift_client("lambda")
    awslambda.update_function_configuration(FunctionName=name, Description="by hand")
    awslambda.publish_version(FunctionName=name)
    awslambda.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_ROLLBACK_COMPLETE"

    (failed,) = observed.deployments()
    assert failed["status"] == "Failed"
    assert failed["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"
    assert failed["errorInformation"]["message"].endswith(MISMATCH)
    assert observed.alias() == ("2", {})


def test_a_later_failure_moves_a_shifted_alias_back_at_once(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The rollback of the stack runs no second shift."""
    guarded.release = 2
    broken = {
        "Type": "AWS::CodeDeploy::Application",
        "DependsOn": "Alias",
        "Properties": {"ApplicationName": name, "ComputePlatform": "Lambda"},
    }
    assert shift_stacks.update(name, guarded.template(Broken=broken)) == "UPDATE_ROLLBACK_COMPLETE"
    assert [deployment["status"] for deployment in observed.deployments()] == ["Succeeded"]
    assert observed.alias() == ("1", {})
    assert any("Application already exists" in reason for _, reason in reasons(shift_stacks, name, "Broken"))
