"""The API of CodeDeploy: its operations, its errors by their modelled names, its pages, and who may call them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Inbox, Observed
from tests.local.extension.shift_service import AT_ONCE, CANARY, EVENTS, Guarded, trust

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

PREDEFINED = [
    *(f"CodeDeployDefault.LambdaCanary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)),
    "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    *(f"CodeDeployDefault.LambdaLinear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10)),
    AT_ONCE,
]


@pytest.fixture
def codedeploy(shift_client: ClientFactory) -> Any:
    return shift_client("codedeploy")


@pytest.fixture
def role_arn(shift_client: ClientFactory, name: str) -> str:
    """A role that CodeDeploy may assume and that lets it shift traffic."""
    iam = shift_client("iam")
    document = json.dumps(trust("codedeploy.amazonaws.com"))
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return str(arn)


@pytest.fixture
def application(codedeploy: Any, name: str) -> str:
    codedeploy.create_application(applicationName=name, computePlatform="Lambda")
    return name


def code(call: Any, **request: Any) -> str:
    """The error code with which a request is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    return str(refusal.value.response["Error"]["Code"])


def revision(name: str, current: str, target: str) -> dict[str, Any]:
    content = f"""version: 0.0
Resources:
  - function:
      Type: AWS::Lambda::Function
      Properties:
        Name: {name}
        Alias: live
        CurrentVersion: "{current}"
        TargetVersion: "{target}"
"""
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


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


def test_a_deployment_by_hand(shift_client: ClientFactory, shift_stacks: Stacks, codedeploy: Any, name: str) -> None:
    """An AppSpec file in YAML moves an alias, and its content is found again as a revision."""
    assert shift_stacks.create(name, Guarded(name).template()) == "CREATE_COMPLETE"
    awslambda = shift_client("lambda")
    awslambda.update_function_configuration(FunctionName=name, Description="second")
    awslambda.publish_version(FunctionName=name)
    wanted = revision(name, "1", "2")
    group = {"applicationName": name, "deploymentGroupName": f"{name}-group"}
    made = codedeploy.create_deployment(**group, revision=wanted, description="by hand")["deploymentId"]
    observed = Observed(shift_client, name)
    until(lambda: observed.deployments()[0]["status"] == "Succeeded")

    assert observed.alias() == ("2", {})
    assert observed.deployments()[0]["description"] == "by hand"
    assert codedeploy.batch_get_deployments(deploymentIds=[made])["deploymentsInfo"][0]["deploymentId"] == made
    sha256 = hashlib.sha256(wanted["appSpecContent"]["content"].encode()).hexdigest()
    known = codedeploy.list_application_revisions(applicationName=name)["revisions"]
    assert known == [{"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256}}]
    found = codedeploy.get_application_revision(applicationName=name, revision=known[0])["revision"]
    assert found["appSpecContent"] == wanted["appSpecContent"] | {"sha256": sha256}
    info = codedeploy.get_deployment_group(**group)["deploymentGroupInfo"]
    assert info["lastSuccessfulDeployment"]["deploymentId"] == made
    assert info["targetRevision"] == known[0]


@pytest.mark.parametrize(
    ("versions", "error"),
    [
        (("7", "1"), "INVALID_LAMBDA_CONFIGURATION"),
        (("1", "7"), "INVALID_LAMBDA_FUNCTION"),
    ],
)
def test_a_deployment_that_cannot_work_fails(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, versions: tuple[str, str], error: str
) -> None:
    """It is accepted and then fails, with its error on the record."""
    assert shift_stacks.create(name, Guarded(name).template()) == "CREATE_COMPLETE"
    group = {"applicationName": name, "deploymentGroupName": f"{name}-group"}
    observed = Observed(shift_client, name)
    observed.codedeploy.create_deployment(**group, revision=revision(name, *versions))
    until(lambda: observed.deployments()[0]["status"] == "Failed")
    assert observed.deployments()[0]["errorInformation"]["code"] == error
    assert observed.alias() == ("1", {})


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k"}}, "InvalidRevisionException"),
        ({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}}, "InvalidRevisionException"),
        (revision("f", "$LATEST", "2"), "InvalidRevisionException"),
        (None, "RevisionRequiredException"),
    ],
)
def test_an_appspec_file_that_cannot_be_read_is_refused(
    codedeploy: Any, application: str, role_arn: str, wanted: dict[str, Any] | None, error: str
) -> None:
    """Before anything is deployed."""
    group = {"applicationName": application, "deploymentGroupName": "group"}
    codedeploy.create_deployment_group(**group, serviceRoleArn=role_arn, deploymentConfigName=AT_ONCE)
    request = group | ({"revision": wanted} if wanted else {})
    assert code(codedeploy.create_deployment, **request) == error


def test_deployments_are_listed_by_status_and_time(
    shift_client: ClientFactory, shift_stacks: Stacks, codedeploy: Any, name: str
) -> None:
    """Application and group only go together; the newest comes first."""
    service = Guarded(name)
    assert shift_stacks.create(name, service.template()) == "CREATE_COMPLETE"
    for release in (2, 3):
        service.release = release
        assert shift_stacks.update(name, service.template()) == "UPDATE_COMPLETE"
    group = {"applicationName": name, "deploymentGroupName": f"{name}-group"}
    first, second = (each["deploymentId"] for each in Observed(shift_client, name).deployments())
    assert codedeploy.list_deployments(**group)["deployments"] == [second, first]
    assert codedeploy.list_deployments(**group, includeOnlyStatuses=["Failed"])["deployments"] == []
    late = {"start": 4102444800}
    assert codedeploy.list_deployments(**group, createTimeRange=late)["deployments"] == []
    assert code(codedeploy.list_deployments, applicationName=name) == "DeploymentGroupNameRequiredException"
    assert code(codedeploy.get_deployment, deploymentId="d-000000000") == "DeploymentDoesNotExistException"
    wrong = {"deploymentId": first, "targetId": "other:live"}
    assert code(codedeploy.get_deployment_target, **wrong) == "DeploymentTargetDoesNotExistException"
    targets = codedeploy.batch_get_deployment_targets(deploymentId=first, targetIds=[f"{name}:live"])
    assert targets["deploymentTargets"][0]["lambdaTarget"]["targetArn"].endswith(f":function:{name}:live")
    assert code(codedeploy.continue_deployment, deploymentId=first) == "DeploymentAlreadyCompletedException"


def test_operations_that_are_not_offered_say_so(codedeploy: Any) -> None:
    """On-premises instances, for one, are none of Lambda's business."""
    assert code(codedeploy.list_on_premises_instances) == "UnknownOperationException"


def test_callers_need_permission_for_the_very_group(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """A user who may read one group may not read another, nor change it, nor list applications."""
    for each in (f"{name}-a", f"{name}-b"):
        assert shift_stacks.create(each, Guarded(each).template()) == "CREATE_COMPLETE"
    user = reader(shift_client, name, f"deploymentgroup:{name}-a/{name}-a-group")
    codedeploy = shift_client("codedeploy", credentials=user)
    allowed = {"applicationName": f"{name}-a", "deploymentGroupName": f"{name}-a-group"}
    denied = {"applicationName": f"{name}-b", "deploymentGroupName": f"{name}-b-group"}
    assert codedeploy.get_deployment_group(**allowed)["deploymentGroupInfo"]["applicationName"] == f"{name}-a"
    assert code(codedeploy.get_deployment_group, **denied) == "AccessDeniedException"
    assert code(codedeploy.delete_deployment_group, **allowed) == "AccessDeniedException"
    assert code(codedeploy.list_applications) == "AccessDeniedException"


def reader(client: ClientFactory, name: str, resource: str) -> tuple[str, str]:
    """The key of a new user who may get one deployment group."""
    iam = client("iam")
    iam.create_user(UserName=name)
    statement = {
        "Effect": "Allow",
        "Action": "codedeploy:GetDeploymentGroup",
        "Resource": f"arn:aws:codedeploy:eu-central-1:000000000000:{resource}",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_triggers_tell_a_topic_what_happens(
    shift_client: ClientFactory, shift_stacks: Stacks, codedeploy: Any, name: str
) -> None:
    """Start and end of a deployment reach the topic's subscribers."""
    inbox = Inbox(shift_client, name)
    service = Guarded(name)
    assert shift_stacks.create(name, service.template()) == "CREATE_COMPLETE"
    events = ["DeploymentStart", "DeploymentSuccess"]
    trigger = {"triggerName": "tell", "triggerTargetArn": inbox.topic, "triggerEvents": events}
    codedeploy.update_deployment_group(
        applicationName=name, currentDeploymentGroupName=f"{name}-group", triggerConfigurations=[trigger]
    )
    service.release = 2
    assert shift_stacks.update(name, service.template()) == "UPDATE_COMPLETE"

    until(lambda: len(inbox.messages()) >= 2)
    assert sorted(message["status"] for message in inbox.messages()) == ["IN_PROGRESS", "SUCCEEDED"]
    assert {message["deploymentId"] for message in inbox.messages()} == {
        Observed(shift_client, name).deployments()[0]["deploymentId"]
    }
