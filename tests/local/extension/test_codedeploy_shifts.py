"""UpdatePolicy of an alias: which updates shift traffic, how the traffic moves, and what stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.shift_service import CANARY, LINEAR, Guarded, Observed, alarm, begin_update, reasons

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

MISMATCH = "The Lambda function alias version does not match the current version in AppSpec file."


@pytest.fixture
def guarded(shift_stacks: Stacks, name: str) -> Guarded:
    """A guarded function at release 1, deployed."""
    service = Guarded(name)
    assert shift_stacks.create(name, service.template()) == "CREATE_COMPLETE"
    return service


@pytest.fixture
def observed(shift_client: ClientFactory, name: str) -> Observed:
    return Observed(shift_client, name)


def active(name: str) -> str:
    return (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
        f"affected deployments have been stopped. Activated alarms: <{name}>"
    )


def stopped_half_way(guarded: Guarded, observed: Observed, stacks: Stacks, *, roll_back: bool) -> str:
    """Start a canary of release 2 and stop it; the deployment's id, once the stack has gone back."""
    guarded.release, guarded.config = 2, CANARY
    begin_update(stacks, guarded.name, guarded.template())
    until(lambda: observed.alias()[1])
    (running,) = observed.deployments()
    observed.codedeploy.stop_deployment(deploymentId=running["deploymentId"], autoRollbackEnabled=roll_back)
    assert stacks.settled(guarded.name) == "UPDATE_ROLLBACK_COMPLETE"
    return str(running["deploymentId"])


def test_creating_an_alias_runs_no_deployment(guarded: Guarded, observed: Observed) -> None:
    """The first version has nothing to shift from."""
    assert guarded.release == 1
    assert observed.alias() == ("1", {})
    assert observed.deployments() == []


def test_all_at_once_moves_the_alias_in_one_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The deployment is the user's, and every lifecycle event is reported although there are no hooks."""
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"

    assert observed.alias() == ("2", {})
    (deployment,) = observed.deployments()
    assert (deployment["status"], deployment["creator"]) == ("Succeeded", "user")
    target = observed.target(deployment["deploymentId"])
    assert [event["status"] for event in target["lifecycleEvents"]] == ["Succeeded"] * 3
    assert target["lambdaFunctionInfo"] == {
        "functionName": name,
        "functionAlias": "live",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 1.0,
    }
    assert ("UPDATE_IN_PROGRESS", f"CodeDeploy deployment started: {deployment['deploymentId']}") in reasons(
        shift_stacks, name, "Alias"
    )


def test_a_canary_leaves_the_alias_on_its_version_until_the_end(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """Ten percent go to the new version by weight; the alias itself moves at 100 percent."""
    guarded.release, guarded.config = 2, CANARY
    begin_update(shift_stacks, name, guarded.template())
    until(lambda: observed.alias()[1])

    assert observed.alias() == ("1", {"2": 0.1})
    (deployment,) = observed.deployments()
    assert deployment["status"] == "InProgress"
    assert observed.target(deployment["deploymentId"])["lambdaFunctionInfo"]["targetVersionWeight"] == 0.1
    assert observed.event_statuses(deployment["deploymentId"]) == ["Succeeded", "InProgress", "Pending"]
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    assert observed.alias() == ("2", {})


def test_a_linear_shift_grows_by_its_percentage(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """Ten to ninety percent, never less than before."""
    guarded.release, guarded.config = 2, LINEAR
    begin_update(shift_stacks, name, guarded.template())
    seen: list[float] = []
    while observed.alias()[0] == "1":
        weight = observed.alias()[1].get("2", 0.0)
        if weight and weight not in seen:
            seen.append(weight)

    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    assert seen == sorted(seen)
    assert set(seen) <= {step / 10 for step in range(1, 10)}
    assert len(seen) >= 3


def test_a_custom_configuration_is_followed(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """A template may bring its own configuration."""
    config = {
        "Type": "AWS::CodeDeploy::DeploymentConfig",
        "Properties": {
            "ComputePlatform": "Lambda",
            "DeploymentConfigName": f"{name}-third",
            "TrafficRoutingConfig": {
                "Type": "TimeBasedCanary",
                "TimeBasedCanary": {"CanaryPercentage": "33", "CanaryInterval": "2"},
            },
        },
    }
    guarded.release, guarded.config = 2, {"Ref": "Config"}
    begin_update(shift_stacks, name, guarded.template(Config=config))
    until(lambda: observed.alias()[1])

    assert observed.alias() == ("1", {"2": 0.33})
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="DeploymentConfigInUseException"):
        observed.codedeploy.delete_deployment_config(deploymentConfigName=f"{name}-third")


def test_a_change_of_the_description_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """CodeDeploy is asked only when the version changes."""
    template = guarded.template()
    template["Resources"]["Alias"]["Properties"]["Description"] = "another text"
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    assert observed.deployments() == []


def test_a_change_of_the_group_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The group takes its new configuration, and the alias stays untouched."""
    guarded.config = CANARY
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"
    assert observed.deployments() == []
    group = observed.codedeploy.get_deployment_group(applicationName=name, deploymentGroupName=f"{name}-group")
    assert group["deploymentGroupInfo"]["deploymentConfigName"] == CANARY


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
    assert rollback["status"] == "Succeeded"
    assert observed.alias() == ("1", {})


def test_an_alarm_during_the_canary_stops_it_and_rolls_back(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """Stopped, not failed; the rollback is a deployment of its own, linked from both ends; AWS's texts and events."""
    guarded.release, guarded.config, guarded.alarms = 2, CANARY, [name]
    begin_update(shift_stacks, name, guarded.template(Alarm=alarm(name)))
    until(lambda: observed.alias()[1])
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"

    stopped, rollback = observed.deployments()
    first, second = stopped["deploymentId"], rollback["deploymentId"]
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert observed.event_statuses(first) == ["Succeeded", "Failed", "Skipped"]
    assert stopped["rollbackInfo"] == {
        "rollbackDeploymentId": second,
        "rollbackMessage": f"Deployment {first} terminated. Automatic rollback is triggered with a DeploymentId "
        f"{second}.",
    }
    assert rollback["rollbackInfo"] == {
        "rollbackTriggeringDeploymentId": first,
        "rollbackMessage": f"Deployment {second} is triggered to roll back deployment {first}.",
    }
    assert (rollback["creator"], rollback["status"]) == ("codeDeployRollback", "Succeeded")
    assert rollback["deploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert observed.alias() == ("1", {})
    told = reasons(shift_stacks, name, "Alias")
    assert ("UPDATE_IN_PROGRESS", f"CodeDeploy rollback deployment started: {second}") in told
    (failure,) = [reason for status, reason in told if status == "UPDATE_FAILED"]
    assert failure.startswith(f'Resource handler returned message: "{first} failed. {active(name)}" (RequestToken: ')
    assert failure.endswith(", HandlerErrorCode: InternalFailure)")


def test_a_missing_alarm_stops_the_shift(guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str) -> None:
    """Alarm status that cannot be read counts as bad unless the group says otherwise."""
    guarded.release, guarded.alarms = 2, [f"{name}-nowhere"]
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_ROLLBACK_COMPLETE"
    assert observed.deployments()[0]["status"] == "Stopped"
    assert observed.alias() == ("1", {})


def test_stopping_with_rollback_brings_the_alias_back(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks
) -> None:
    """An operator's stop fails the update, and the stack goes back."""
    running = stopped_half_way(guarded, observed, shift_stacks, roll_back=True)

    stopped, rollback = observed.deployments()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert rollback["creator"] == "codeDeployRollback"
    assert observed.alias() == ("1", {})
    with pytest.raises(ClientError, match="DeploymentAlreadyCompletedException"):
        observed.codedeploy.stop_deployment(deploymentId=running)


def test_stopping_without_rollback_leaves_a_split_that_blocks_the_next_shift(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The alias keeps both versions, and every later deployment fails until somebody clears it."""
    stopped_half_way(guarded, observed, shift_stacks, roll_back=False)
    assert observed.alias() == ("1", {"2": 0.1})
    assert len(observed.deployments()) == 1

    guarded.release = 3
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_ROLLBACK_COMPLETE"
    assert observed.deployments()[-1]["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"
    assert observed.alias() == ("1", {"2": 0.1})


def test_without_its_event_a_failure_is_not_rolled_back(
    guarded: Guarded, observed: Observed, shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """A group that does not list DEPLOYMENT_STOP_ON_ALARM leaves the split behind."""
    guarded.release, guarded.config, guarded.alarms, guarded.events = 2, CANARY, [name], ["DEPLOYMENT_FAILURE"]
    begin_update(shift_stacks, name, guarded.template(Alarm=alarm(name)))
    until(lambda: observed.alias()[1])
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert [deployment["status"] for deployment in observed.deployments()] == ["Stopped"]
    assert observed.alias() == ("1", {"2": 0.1})


def test_cancelling_the_update_stops_the_shift(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """CancelUpdateStack does not wait for the canary's end."""
    guarded.release, guarded.config = 2, LINEAR
    begin_update(shift_stacks, name, guarded.template())
    until(lambda: observed.alias()[1])
    shift_stacks.cfn.cancel_update_stack(StackName=name)
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert [deployment["status"] for deployment in observed.deployments()] == ["Stopped", "Succeeded"]
    assert observed.alias() == ("1", {})
    assert ("UPDATE_FAILED", "Resource update cancelled") in reasons(shift_stacks, name, "Alias")
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated") in reasons(shift_stacks, name, name)


def test_a_busy_group_refuses_a_second_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """One active deployment per group."""
    guarded.release, guarded.config = 2, CANARY
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
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"


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
    guarded.release, guarded.config = 2, CANARY
    broken = {
        "Type": "AWS::CodeDeploy::Application",
        "DependsOn": "Alias",
        "Properties": {"ApplicationName": name, "ComputePlatform": "Lambda"},
    }
    assert shift_stacks.update(name, guarded.template(Broken=broken)) == "UPDATE_ROLLBACK_COMPLETE"
    assert [deployment["status"] for deployment in observed.deployments()] == ["Succeeded"]
    assert observed.alias() == ("1", {})
    assert any("Application already exists" in reason for _, reason in reasons(shift_stacks, name, "Broken"))


def test_replacing_the_alias_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """A new name is a new alias, made without a shift even though the version changes too."""
    guarded.release = 2
    template = guarded.template()
    template["Resources"]["Alias"]["Properties"]["Name"] = "fresh"
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    assert observed.deployments() == []
