"""Deleting a deployment on the embedded AWS, and looking at one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.bootstrap import BootstrapRequest, bootstrap
from tapgen.deploy.destroy import DestroyRequest, destroy
from tapgen.deploy.state.stack_tree import find_retained, survey
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import hold_lock
from tapgen.errors import CredentialsError, DeploymentError, RefusedError
from tapgen.events import Noted
from tests.local.deploy.service import broken

if TYPE_CHECKING:
    from tests.local.deploy.service import Service


def _request(service: Service, **changes: Any) -> DestroyRequest:
    arguments: dict[str, Any] = {
        "deployment": deployment_of(service.render()),
        "protected": False,
        "confirm": lambda _: True,
    }
    return DestroyRequest(**(arguments | changes))


def test_destroy_deletes_all_stacks_and_names_what_stays(service: Service) -> None:
    """The stacks go; a resource with a Retain policy stays, and is named before and after."""
    service.resources["Data"]["Orders"]["DeletionPolicy"] = "Retain"
    service.deploy()
    asked: list[tuple[str, ...]] = []

    def confirm(retained: Any) -> bool:
        asked.append(tuple(resource.logical_id for resource in retained))
        return True

    result = destroy(service.context, _request(service, confirm=confirm))

    assert result.status == "done"
    assert asked == [("Orders",)]
    assert any(f"{service.name}-orders" in note.text for note in service.seen(Noted))
    assert survey(service.context, service.name) is None


def test_destroy_with_data_frees_every_name(service: Service) -> None:
    """With delete_data the retained table, bucket, queue, log and key go too, and their names are free."""
    bucket = f"{service.name}-archive"
    service.resources["Data"] = {
        "Orders": service.resources["Data"]["Orders"],
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": f"{service.name}-table",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            },
        },
        "Archive": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": bucket, "VersioningConfiguration": {"Status": "Enabled"}},
        },
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"/{service.name}/access"}},
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
    }
    for resource in service.resources["Data"].values():
        resource["DeletionPolicy"] = "Retain"
    service.deploy()
    for body in (b"one", b"two"):
        service.aws.client("s3").put_object(Bucket=bucket, Key="a", Body=body)
    service.aws.client("s3").delete_object(Bucket=bucket, Key="a")

    assert destroy(service.context, _request(service, delete_data=True)).status == "done"
    logs = service.aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/{service.name}/")
    assert logs["logGroups"] == []
    assert service.deploy().status == "done"


def test_destroy_of_nothing_is_nothing_to_do(service: Service) -> None:
    """Deleting what is not there succeeds: a script may run it twice."""
    assert destroy(service.context, _request(service)).status == "unchanged"


def test_locked_deployment_is_not_destroyed(service: Service) -> None:
    """While a deploy holds the lock its stacks stay."""
    service.deploy()
    deployment = deployment_of(service.render())

    with hold_lock(service.context, deployment.lock_request("deploy")), pytest.raises(RefusedError, match="locked"):
        destroy(service.context, _request(service))


def test_declined_destroy_changes_nothing(service: Service) -> None:
    """Without consent the stacks stay."""
    service.deploy()

    assert destroy(service.context, _request(service, confirm=lambda _: False)).exit_code == 3
    assert service.deploy().status == "unchanged"


def test_protected_environment_is_refused(service: Service) -> None:
    """What the configuration protects is refused before anything is asked."""
    service.deploy()

    with pytest.raises(RefusedError, match="protected"):
        destroy(service.context, _request(service, protected=True))


def test_termination_protection_is_refused(service: Service) -> None:
    """A stack that somebody protected by hand is refused as well."""
    service.deploy()
    client = service.aws.client("cloudformation")
    client.update_termination_protection(StackName=service.name, EnableTerminationProtection=True)

    with pytest.raises(RefusedError, match="protected") as caught:
        destroy(service.context, _request(service))

    assert "termination protection" in caught.value.why


def test_other_account_is_refused(service: Service) -> None:
    """The credentials must be the environment's."""
    deployment = replace(deployment_of(service.render()), account_id="111122223333")
    with pytest.raises(CredentialsError):
        destroy(service.context, _request(service, deployment=deployment))


def test_destroy_clears_a_failed_first_create(service: Service) -> None:
    """The way out that a failed first create names works: destroy, correct, deploy."""
    orders = service.resources["Data"]["Orders"]
    service.resources["Data"]["Orders"] = broken()
    with pytest.raises(DeploymentError, match="first deployment failed"):
        service.deploy()
    service.resources["Data"]["Orders"] = orders

    assert destroy(service.context, _request(service)).status == "done"
    assert service.deploy().status == "done"


def test_survey_lists_every_stack_with_its_resources(service: Service) -> None:
    """Status sees the tree: root first, nested stacks by their logical ids, no failure on a healthy one."""
    service.deploy()

    found = survey(service.context, service.name)

    assert found is not None
    assert found.stacks[0].label == "root"
    assert {stack.label: (len(stack.resources), stack.failed) for stack in found.stacks} == {
        "root": (2, ()),
        "Compute": (1, ()),
        "Data": (1, ()),
    }
    assert find_retained(service.context, found) == ()


def test_bootstrap_creates_updates_and_rests(service: Service) -> None:
    """The bootstrap stack is created, left alone when nothing changed, and updated when it did."""
    body = '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "%s"}}}}'
    request = BootstrapRequest(
        environment="dev",
        account_id="000000000000",
        stack=f"{service.name}-bootstrap",
        template_body=body % f"{service.name}-made",
        tags={"Owner": "payments"},
    )

    assert bootstrap(service.context, request).status == "done"
    assert bootstrap(service.context, request).status == "unchanged"
    service.aws.client("s3").head_bucket(Bucket=f"{service.name}-made")
