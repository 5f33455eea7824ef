"""What would make a shift end badly is refused before it begins, with the way out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

FUNCTION = "transactions-local-us-east-1-api"
GUARD = "transactions-local-us-east-1-guard-api-5xx"
DEPLOY = ("deploy", "--env", "local", "--yes")


@pytest.fixture(name="project", scope="module")
def _project(deployed: Project) -> Project:
    return deployed


def _guards(project: Project) -> set[str]:
    group = project.client("codedeploy").get_deployment_group(
        applicationName="transactions-local-us-east-1-shifts", deploymentGroupName=FUNCTION
    )["deploymentGroupInfo"]
    return {alarm["name"] for alarm in group["alarmConfiguration"]["alarms"]}


def test_split_alias_and_alias_of_another_version(project: Project) -> None:
    """A half-moved alias blocks every shift, one that somebody moved fails it: both are told with their versions."""
    functions = project.client("lambda")
    functions.update_function_configuration(FunctionName=FUNCTION, Description="by hand")
    other = functions.publish_version(FunctionName=FUNCTION)["Version"]
    project.edit_api("split")
    functions.update_alias(FunctionName=FUNCTION, Name="live", RoutingConfig={"AdditionalVersionWeights": {other: 0.1}})
    split = project.run_json(*DEPLOY, expect=3)["error"]
    functions.update_alias(
        FunctionName=FUNCTION, Name="live", FunctionVersion=other, RoutingConfig={"AdditionalVersionWeights": {}}
    )
    moved = project.run_json(*DEPLOY, expect=3)["error"]
    functions.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="1")

    assert (split["code"], moved["code"]) == ("alias-split", "alias-differs")
    assert f"10% to version {other}" in split["why"]
    assert f"points at version {other}, but the stack made version 1" in moved["why"]


def test_unfinished_shift_that_somebody_began(project: Project) -> None:
    """CodeDeploy takes one deployment a group: one that runs beside the stack is named, with who follows it."""
    functions, codedeploy = project.client("lambda"), project.client("codedeploy")
    live = functions.get_alias(FunctionName=FUNCTION, Name="live")["FunctionVersion"]
    functions.update_function_configuration(FunctionName=FUNCTION, Description="on trial by hand")
    versions = {"CurrentVersion": live, "TargetVersion": functions.publish_version(FunctionName=FUNCTION)["Version"]}
    target = {"Type": "AWS::Lambda::Function", "Properties": {"Name": FUNCTION, "Alias": "live", **versions}}
    app_spec = json.dumps({"version": 0.0, "Resources": [{"function": target}]})
    deployment_id = codedeploy.create_deployment(
        applicationName="transactions-local-us-east-1-shifts",
        deploymentGroupName=FUNCTION,
        deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent30Minutes",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": app_spec}},
    )["deploymentId"]
    project.edit_api("beside a shift")

    refused = project.run_json(*DEPLOY, expect=3)["error"]
    codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)

    assert refused["code"] == "shift-unfinished"
    assert f"the CodeDeploy deployment {deployment_id} of {FUNCTION} has not ended" in refused["why"]
    assert "tapgen attach --env local" in refused["hint"]


def test_shift_that_cloudformation_would_not_wait_for(project: Project) -> None:
    """A canary of 100 minutes is allowed by itself; with what its hooks may take it is too long."""
    configuration = project.folder / "config" / "environments.yaml"
    usual = configuration.read_text(encoding="utf-8")
    project.configure_canary("percentage: 10", "interval_min: 100")
    project.edit_api("a long one")

    refused = project.run_json(*DEPLOY, expect=3)["error"]
    configuration.write_text(usual, encoding="utf-8")

    assert refused["code"] == "shift-too-long"
    assert "CloudFormation waits 120 min" in refused["hint"]


def test_red_guard_refuses_until_the_glass_is_broken_once(project: Project) -> None:
    """Exit 3 with the alarm; --break-glass ships past the standing guard alone, and the next deploy puts it back."""
    project.turn_alarm(GUARD, "ALARM")
    project.edit_api("the fix")
    before = _guards(project)

    refused = project.run_json(*DEPLOY, expect=3)["error"]
    project.run(*DEPLOY, "--break-glass", expect=2)
    shipped = project.run_json(*DEPLOY, "--break-glass", "--reason", "fixes the cause of the alarm")

    assert refused["code"] == "guard-red"
    assert f"{GUARD} is in ALARM" in refused["why"]
    assert "--break-glass --reason" in refused["hint"]
    assert [shift["outcome"] for shift in shipped["shifts"]] == ["passed"]
    assert GUARD in before
    assert {name for name in _guards(project) if "guard-api-errors" in name}
    assert GUARD not in _guards(project)

    assert project.run_json(*DEPLOY)["status"] == "done"
    assert GUARD in _guards(project)
    assert project.run_json(*DEPLOY)["status"] == "unchanged"


def test_guard_whose_metric_never_had_data_is_a_warning(project: Project) -> None:
    """A guard that can see nothing stops nothing: it is said, and the deploy goes on."""
    project.run("deploy", "--env", "local", "--yes", "--suffix", "quiet")
    project.edit_api("quiet")

    done = project.start("deploy", "--env", "local", "--yes", "--suffix", "quiet")

    assert done.returncode == 0, done.stderr
    assert "never had data" in done.stderr


def test_guard_that_somebody_deleted_is_missed(project: Project) -> None:
    """CodeDeploy stops a shift whose alarms it cannot read: better told before than found out after."""
    project.client("cloudwatch").delete_alarms(AlarmNames=[GUARD])
    project.edit_api("without its guard")

    lost = project.run_json(*DEPLOY, expect=3)["error"]

    assert lost["code"] == "guard-lost"
    assert GUARD in lost["why"]
