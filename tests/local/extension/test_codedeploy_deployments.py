"""Deployments by hand: what they are made from, how they are found again, and whom they tell."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Inbox, Observed, code
from tests.local.extension.shift_service import AT_ONCE, Guarded

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


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
    stranger = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0" * 64}}
    several = codedeploy.batch_get_application_revisions(applicationName=name, revisions=[known[0], stranger])
    assert [each["revisionLocation"] for each in several["revisions"]] == [found]
    assert "0" * 64 in several["errorMessage"]
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
    (old, new) = (each["createTime"] for each in Observed(shift_client, name).deployments())
    between = old + (new - old) / 2
    assert codedeploy.list_deployments(**group, createTimeRange={"end": between})["deployments"] == [first]
    assert codedeploy.list_deployments(**group, createTimeRange={"start": between})["deployments"] == [second]
    backwards = {"start": new, "end": old}
    assert code(codedeploy.list_deployments, **group, createTimeRange=backwards) == "InvalidTimeRangeException"
    unknown = {"includeOnlyStatuses": ["Broken"]}
    assert code(codedeploy.list_deployments, **group, **unknown) == "InvalidDeploymentStatusException"
    assert set(codedeploy.list_deployments()["deployments"]) >= {first, second}
    assert code(codedeploy.list_deployments, applicationName=name) == "DeploymentGroupNameRequiredException"
    assert code(codedeploy.get_deployment, deploymentId="d-000000000") == "DeploymentDoesNotExistException"
    wrong = {"deploymentId": first, "targetId": "other:live"}
    assert code(codedeploy.get_deployment_target, **wrong) == "DeploymentTargetDoesNotExistException"
    targets = codedeploy.batch_get_deployment_targets(deploymentId=first, targetIds=[f"{name}:live"])
    assert targets["deploymentTargets"][0]["lambdaTarget"]["targetArn"].endswith(f":function:{name}:live")
    assert code(codedeploy.continue_deployment, deploymentId=first) == "DeploymentAlreadyCompletedException"


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
