"""The API of CodeDeploy: its operations, its errors by their modelled names, its pages, and who may call them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.shift_observed import code
from tests.local.extension.shift_service import AT_ONCE, CANARY, EVENTS, trust

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory

PREDEFINED = [
    *(f"CodeDeployDefault.LambdaCanary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)),
    "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    *(f"CodeDeployDefault.LambdaLinear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10)),
    AT_ONCE,
]


def test_applications_come_and_go(codedeploy: Any, name: str) -> None:
    """Create, get, rename, list and delete; deleting twice is no error."""
    created = codedeploy.create_application(applicationName=name, computePlatform="Lambda")
    found = codedeploy.get_application(applicationName=name)["application"]
    assert (found["applicationId"], found["computePlatform"]) == (created["applicationId"], "Lambda")
    assert code(codedeploy.create_application, applicationName=name) == "ApplicationAlreadyExistsException"
    assert code(codedeploy.create_application, applicationName="no/slash") == "InvalidApplicationNameException"
    codedeploy.update_application(applicationName=name, newApplicationName=f"{name}-new")
    assert code(codedeploy.get_application, applicationName=name) == "ApplicationDoesNotExistException"
    batch = codedeploy.batch_get_applications(applicationNames=[f"{name}-new"])
    assert [each["applicationName"] for each in batch["applicationsInfo"]] == [f"{name}-new"]
    for _ in range(2):
        codedeploy.delete_application(applicationName=f"{name}-new")
    assert f"{name}-new" not in codedeploy.list_applications()["applications"]


def test_lists_come_in_pages(codedeploy: Any, name: str) -> None:
    """More than a hundred entries need a second page, and a made-up token is refused."""
    wanted = [f"{name}-{number:03d}" for number in range(101)]
    for each in wanted:
        codedeploy.create_application(applicationName=each)
    pages = codedeploy.get_paginator("list_applications").paginate()
    listed = [each for page in pages for each in page["applications"]]
    assert [each for each in listed if each.startswith(name)] == wanted
    assert len(codedeploy.list_applications()["applications"]) == 100
    assert code(codedeploy.list_applications, nextToken="made-up") == "InvalidNextTokenException"
    for each in wanted:
        codedeploy.delete_application(applicationName=each)


def test_a_group_shows_what_it_was_given(codedeploy: Any, application: str, role_arn: str) -> None:
    """What an update leaves out stays as it was."""
    group = {"applicationName": application, "deploymentGroupName": "group"}
    codedeploy.create_deployment_group(
        **group,
        serviceRoleArn=role_arn,
        deploymentConfigName=CANARY,
        alarmConfiguration={"enabled": True, "alarms": [{"name": "one"}]},
        autoRollbackConfiguration={"enabled": True, "events": EVENTS},
    )
    codedeploy.update_deployment_group(
        applicationName=application, currentDeploymentGroupName="group", deploymentConfigName=AT_ONCE
    )
    found = codedeploy.get_deployment_group(**group)["deploymentGroupInfo"]
    assert found["deploymentConfigName"] == AT_ONCE
    assert found["alarmConfiguration"] == {
        "enabled": True,
        "ignorePollAlarmFailure": False,
        "alarms": [{"name": "one"}],
    }
    assert found["autoRollbackConfiguration"] == {"enabled": True, "events": EVENTS}
    assert found["deploymentStyle"] == {
        "deploymentType": "BLUE_GREEN",
        "deploymentOption": "WITH_TRAFFIC_CONTROL",
    }
    assert codedeploy.list_deployment_groups(applicationName=application)["deploymentGroups"] == ["group"]
    several = codedeploy.batch_get_deployment_groups(
        applicationName=application, deploymentGroupNames=["group", "none"]
    )
    assert [each["deploymentGroupName"] for each in several["deploymentGroupsInfo"]] == ["group"]
    assert "none" in several["errorMessage"]
    codedeploy.delete_deployment_group(**group)
    assert code(codedeploy.get_deployment_group, **group) == "DeploymentGroupDoesNotExistException"


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"alarmConfiguration": {"alarms": [{"name": str(n)} for n in range(11)]}}, "AlarmsLimitExceededException"),
        ({"alarmConfiguration": {"enabled": True, "alarms": []}}, "InvalidAlarmConfigException"),
        ({"autoRollbackConfiguration": {"enabled": True}}, "InvalidAutoRollbackConfigException"),
        (
            {"deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}},
            "InvalidDeploymentStyleException",
        ),
        ({"deploymentConfigName": "CodeDeployDefault.Nowhere"}, "DeploymentConfigDoesNotExistException"),
        ({"serviceRoleArn": "arn:aws:iam::000000000000:role/nobody"}, "InvalidRoleException"),
        ({"applicationName": "nowhere"}, "ApplicationDoesNotExistException"),
        ({"triggerConfigurations": [{"triggerName": "t", "triggerEvents": []}]}, "InvalidTriggerConfigException"),
    ],
)
def test_a_group_that_cannot_be_is_refused(
    codedeploy: Any, application: str, role_arn: str, members: dict[str, Any], error: str
) -> None:
    """Each fault has its modelled error."""
    request = {
        "applicationName": application,
        "deploymentGroupName": "group",
        "serviceRoleArn": role_arn,
        "deploymentConfigName": AT_ONCE,
        **members,
    }
    assert code(codedeploy.create_deployment_group, **request) == error


def test_a_role_that_codedeploy_may_not_assume_is_refused(
    shift_client: ClientFactory, codedeploy: Any, application: str, name: str
) -> None:
    """The trust policy must name codedeploy.amazonaws.com."""
    document = json.dumps(trust("lambda.amazonaws.com"))
    role = shift_client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    request = {"applicationName": application, "deploymentGroupName": "group", "serviceRoleArn": role["Arn"]}
    assert code(codedeploy.create_deployment_group, **request) == "InvalidRoleException"


def test_the_predefined_configurations_are_there(codedeploy: Any) -> None:
    """All nine for Lambda, in their wire form; they cannot be deleted."""
    assert set(PREDEFINED) <= set(codedeploy.list_deployment_configs()["deploymentConfigsList"])
    found = codedeploy.get_deployment_config(deploymentConfigName=CANARY)["deploymentConfigInfo"]
    assert found["computePlatform"] == "Lambda"
    assert found["trafficRoutingConfig"] == {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 15},
    }
    assert code(codedeploy.delete_deployment_config, deploymentConfigName=CANARY) == "InvalidOperationException"


@pytest.mark.parametrize(
    ("routing", "error"),
    [
        ({"type": "TimeBasedCanary"}, "InvalidTrafficRoutingConfigurationException"),
        (
            {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 100, "canaryInterval": 15}},
            "InvalidTrafficRoutingConfigurationException",
        ),
        (
            {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 1, "linearInterval": 30}},
            "InvalidTrafficRoutingConfigurationException",
        ),
    ],
)
def test_a_configuration_outside_the_limits_is_refused(
    codedeploy: Any, name: str, routing: dict[str, Any], error: str
) -> None:
    """At most 99 percent a step, at most 2880 minutes between the first and the last one."""
    request = {"deploymentConfigName": name, "computePlatform": "Lambda", "trafficRoutingConfig": routing}
    assert code(codedeploy.create_deployment_config, **request) == error


def test_a_configuration_may_not_look_predefined(codedeploy: Any) -> None:
    """Names that start with CodeDeployDefault. belong to AWS."""
    request = {"deploymentConfigName": "CodeDeployDefault.Mine", "computePlatform": "Lambda"}
    assert code(codedeploy.create_deployment_config, **request) == "InvalidDeploymentConfigNameException"


def test_tags_of_applications_and_groups(codedeploy: Any, name: str) -> None:
    """Tag, list and untag by ARN."""
    codedeploy.create_application(applicationName=name, tags=[{"Key": "owner", "Value": "us"}])
    arn = f"arn:aws:codedeploy:eu-central-1:000000000000:application:{name}"
    codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "test"}])
    codedeploy.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    assert codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "test"}]
    assert code(codedeploy.list_tags_for_resource, ResourceArn="arn:aws:s3:::x") == "InvalidArnException"


def test_operations_that_are_not_offered_say_so(codedeploy: Any) -> None:
    """On-premises instances, for one, are none of Lambda's business."""
    assert code(codedeploy.list_on_premises_instances) == "UnknownOperationException"
