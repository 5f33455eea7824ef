"""Who may call CodeDeploy: every operation is authorised on the resource that its documentation names."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import REGION
from tests.local.extension.shift_observed import Observed
from tests.local.extension.shift_service import AT_ONCE, Guarded

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

ACCOUNT = "000000000000"


class Call(NamedTuple):
    """A request, and the resource that it is authorised on."""

    operation: str
    request: dict[str, Any]
    resource: str

    @property
    def action(self) -> str:
        """``codedeploy:GetDeployment``, by the operation ``get_deployment``."""
        return "codedeploy:" + "".join(word.capitalize() for word in self.operation.split("_"))


class Service(NamedTuple):
    """A guarded function that has been shifted once."""

    name: str
    deployment: str


@pytest.fixture(scope="module")
def service(shift_client: ClientFactory, shift_stacks: Stacks) -> Service:
    name = f"authorised-{uuid.uuid4().hex[:6]}"
    guarded = Guarded(name)
    assert shift_stacks.create(name, guarded.template()) == "CREATE_COMPLETE"
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"
    (deployment,) = Observed(shift_client, name).deployments()
    return Service(name, deployment["deploymentId"])


def arn(kind: str, name: str) -> str:
    return f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:{kind}:{name}"


def calls(service: Service) -> list[Call]:
    """Every operation that changes nothing here, with its documented resource."""
    name, group = service.name, f"{service.name}-group"
    application, config = arn("application", name), arn("deploymentconfig", AT_ONCE)
    named = {"applicationName": name}
    grouped = {**named, "deploymentGroupName": group}
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0" * 64}}
    deployed = {"deploymentId": service.deployment}
    on_group = arn("deploymentgroup", f"{name}/{group}")
    tag = {"ResourceArn": application}
    answer = {**deployed, "lifecycleEventHookExecutionId": "unknown", "status": "Succeeded"}
    return [
        Call("get_application", named, application),
        Call("batch_get_application_revisions", {**named, "revisions": [revision]}, application),
        Call("get_application_revision", {**named, "revision": revision}, application),
        Call("list_application_revisions", named, application),
        Call("list_tags_for_resource", tag, application),
        Call("tag_resource", {**tag, "Tags": [{"Key": "a", "Value": "b"}]}, application),
        Call("untag_resource", {**tag, "TagKeys": ["a"]}, application),
        Call("get_deployment_group", grouped, on_group),
        Call("batch_get_deployment_groups", {**named, "deploymentGroupNames": [group]}, on_group),
        Call("update_deployment_group", {**named, "currentDeploymentGroupName": group}, on_group),
        Call("list_deployments", grouped, on_group),
        Call("list_deployment_groups", named, arn("deploymentgroup", f"{name}/*")),
        Call("get_deployment", deployed, on_group),
        Call("batch_get_deployments", {"deploymentIds": [service.deployment]}, on_group),
        Call("list_deployment_targets", deployed, on_group),
        Call("get_deployment_target", {**deployed, "targetId": f"{name}:live"}, on_group),
        Call("batch_get_deployment_targets", {**deployed, "targetIds": [f"{name}:live"]}, on_group),
        Call("stop_deployment", deployed, on_group),
        Call("continue_deployment", deployed, on_group),
        Call("put_lifecycle_event_hook_execution_status", answer, on_group),
        Call("get_deployment_config", {"deploymentConfigName": AT_ONCE}, config),
        Call("delete_deployment_config", {"deploymentConfigName": AT_ONCE}, config),
        Call("list_applications", {}, arn("application", "*")),
        Call("batch_get_applications", {"applicationNames": [name]}, arn("application", "*")),
        Call("list_deployment_configs", {}, arn("deploymentconfig", "*")),
    ]


def user(client: ClientFactory, *statements: tuple[str, str]) -> Any:
    """CodeDeploy for a new user with these actions and resources."""
    iam, name = client("iam"), f"caller-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    listed = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]
    document = json.dumps({"Version": "2012-10-17", "Statement": listed})
    iam.put_user_policy(UserName=name, PolicyName="calls", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return client("codedeploy", credentials=(key["AccessKeyId"], key["SecretAccessKey"]))


def outcome(codedeploy: Any, call: Call) -> str:
    """The error code of a call; empty when it succeeded."""
    try:
        getattr(codedeploy, call.operation)(**call.request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_the_documented_resource_is_enough(shift_client: ClientFactory, service: Service) -> None:
    """What remains are the answers of the service itself: completed already, unknown, predefined."""
    wanted = calls(service)
    codedeploy = user(shift_client, *((call.action, call.resource) for call in wanted))
    assert {call.operation: outcome(codedeploy, call) for call in wanted} == {
        **{call.operation: "" for call in wanted},
        "stop_deployment": "DeploymentAlreadyCompletedException",
        "continue_deployment": "DeploymentAlreadyCompletedException",
        "put_lifecycle_event_hook_execution_status": "InvalidLifecycleEventHookExecutionIdException",
        "get_application_revision": "RevisionDoesNotExistException",
        "delete_deployment_config": "InvalidOperationException",
    }


def test_another_resource_is_not_enough(shift_client: ClientFactory, service: Service) -> None:
    """The same actions on a neighbour, whose name begins alike."""
    wanted = calls(service)
    codedeploy = user(shift_client, *((call.action, call.resource.replace("*", "") + "-other") for call in wanted))
    denied = {call.operation: outcome(codedeploy, call) for call in wanted}
    assert set(denied.values()) == {"AccessDeniedException"}, denied


def test_deployments_of_several_groups_need_all_of_them(
    shift_client: ClientFactory, shift_stacks: Stacks, service: Service, name: str
) -> None:
    """Permission for the first one's group opens no other."""
    guarded = Guarded(name)
    assert shift_stacks.create(name, guarded.template()) == "CREATE_COMPLETE"
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"
    (other,) = Observed(shift_client, name).deployments()
    both = Call("batch_get_deployments", {"deploymentIds": [service.deployment, other["deploymentId"]]}, "")
    first = arn("deploymentgroup", f"{service.name}/*")
    assert outcome(user(shift_client, (both.action, first)), both) == "AccessDeniedException"
    assert outcome(user(shift_client, (both.action, arn("deploymentgroup", "*"))), both) == ""


@pytest.mark.parametrize("missing", ["codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision", ""])
def test_a_deployment_needs_its_configuration_and_its_revision(
    shift_client: ClientFactory, service: Service, missing: str
) -> None:
    """CreateDeployment alone is not enough."""
    needed = {
        "codedeploy:CreateDeployment": arn("deploymentgroup", f"{service.name}/{service.name}-group"),
        "codedeploy:GetDeploymentConfig": arn("deploymentconfig", AT_ONCE),
        "codedeploy:RegisterApplicationRevision": arn("application", service.name),
    }
    codedeploy = user(shift_client, *((action, arn) for action, arn in needed.items() if action != missing))
    properties = {"Name": service.name, "Alias": "live", "CurrentVersion": "7", "TargetVersion": "8"}
    content = {"version": 0.0, "Resources": [{"it": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    request = {
        "applicationName": service.name,
        "deploymentGroupName": f"{service.name}-group",
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}},
    }
    if not missing:
        assert codedeploy.create_deployment(**request)["deploymentId"].startswith("d-")
        return
    with pytest.raises(ClientError, match=f"not authorized to perform: {missing} on resource: ") as refusal:
        codedeploy.create_deployment(**request)
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_group_passes_its_role(shift_client: ClientFactory, service: Service) -> None:
    """iam:PassRole on the service role."""
    group = f"{service.name}/{service.name}-group"
    role = shift_client("codedeploy").get_deployment_group(
        applicationName=service.name, deploymentGroupName=f"{service.name}-group"
    )["deploymentGroupInfo"]["serviceRoleArn"]
    request = {
        "applicationName": service.name,
        "currentDeploymentGroupName": f"{service.name}-group",
        "serviceRoleArn": role,
    }
    change = ("codedeploy:UpdateDeploymentGroup", arn("deploymentgroup", group))
    with pytest.raises(ClientError, match="iam:PassRole"):
        user(shift_client, change).update_deployment_group(**request)
    user(shift_client, change, ("iam:PassRole", role)).update_deployment_group(**request)
