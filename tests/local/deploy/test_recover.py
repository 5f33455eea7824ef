"""Recoveries on the embedded AWS: each state is really produced, and left by what the table says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tapgen import object_keys
from tapgen.deploy.recovery.execute import RecoverRequest, recover
from tapgen.engine.deployment import Deployment, deployment_of
from tapgen.errors import AttentionError, DeploymentError
from tapgen.events import Noted
from tests.local.deploy.service import broken, queue
from tests.local.extension.test_stacks_rollback import Stuck

if TYPE_CHECKING:
    from tapgen.events import Result
    from tests.local.conftest import ClientFactory, Stacks
    from tests.local.deploy.service import Service


def _recover(service: Service) -> Result:
    request = RecoverRequest(deployment=deployment_of(service.render()), confirm=lambda: True)
    return recover(service.context, request)


def _status(service: Service) -> str:
    return service.aws.client("cloudformation").describe_stacks(StackName=service.name)["Stacks"][0]["StackStatus"]


def _settled(service: Service) -> None:
    deadline = time.monotonic() + 60
    while _status(service).endswith("_IN_PROGRESS"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _die_before_answering(service: Service) -> None:
    """Deploy, and leave what a process leaves that is killed while its question is open: no outcome."""

    def die(_: object) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.deploy(confirm=die)
    last = deployment_of(service.render()).ledger(service.context).read_all()[-1]
    key = object_keys.release_key(service.name, last.sequence, "outcome")
    service.aws.client("s3").delete_object(Bucket=service.bucket, Key=key)


def _shown(service: Service) -> list[str]:
    return [note.text for note in service.seen(Noted) if note.text.startswith("the safe action")]


def test_healthy_deployment_needs_nothing(service: Service) -> None:
    """Before the first deploy and after it there is nothing to do."""
    assert _recover(service).status == "unchanged"
    service.deploy()
    assert _recover(service).status == "unchanged"


def test_review_left_over(service: Service) -> None:
    """The empty stack of a change set that nobody executed goes; the next deploy creates."""
    service.deploy(execute=False)

    assert _recover(service).status == "done"
    assert "delete the empty stack" in _shown(service)[0]
    assert service.deploy().status == "done"


def test_failed_first_create(service: Service) -> None:
    """Without data the stack is deleted, and the corrected service is created under the same names."""
    orders = service.resources["Data"]["Orders"]
    service.resources["Data"]["Orders"] = broken()
    with pytest.raises(DeploymentError):
        service.deploy()

    assert _recover(service).status == "done"
    service.resources["Data"]["Orders"] = orders
    assert service.deploy().status == "done"


def test_failed_create_that_holds_data_stays(service: Service) -> None:
    """With rollback disabled a first create leaves its queue: a message in it stops the recovery."""
    service.resources["Data"]["Orders"]["DeletionPolicy"] = "Retain"
    service.resources["Data"]["Broken"] = {**broken(), "DependsOn": "Orders"}
    service.deploy(execute=False)
    client = service.aws.client("cloudformation")
    (listed,) = client.list_change_sets(StackName=service.name)["Summaries"]
    client.execute_change_set(ChangeSetName=listed["ChangeSetId"], DisableRollback=True)
    _settled(service)
    assert _status(service) == "CREATE_FAILED"
    sqs = service.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{service.name}-orders")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="an order")

    with pytest.raises(AttentionError, match="hold data") as caught:
        _recover(service)
    assert f"{service.name}-orders" in caught.value.why

    sqs.purge_queue(QueueUrl=url)
    assert _recover(service).status == "done"
    del service.resources["Data"]["Broken"]
    assert service.deploy().status == "done"


def test_failed_update_without_rollback(service: Service) -> None:
    """UPDATE_FAILED is rolled back to the last stable state, and the record is settled."""
    service.deploy()
    service.resources["Compute"]["Broken"] = broken()
    service.deploy(execute=False)
    client = service.aws.client("cloudformation")
    pending = [
        item
        for item in client.list_change_sets(StackName=service.name)["Summaries"]
        if item["ExecutionStatus"] == "AVAILABLE"
    ]
    client.execute_change_set(ChangeSetName=pending[0]["ChangeSetId"], DisableRollback=True)
    _settled(service)
    assert _status(service) == "UPDATE_FAILED"

    assert _recover(service).status == "done"

    assert _status(service) == "UPDATE_ROLLBACK_COMPLETE"


def test_failed_delete(service: Service) -> None:
    """A bucket that was not empty is named when it still is not; once it is, the delete is finished."""
    bucket = f"{service.name}-files"
    service.resources["Data"]["Files"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}
    service.deploy()
    service.aws.client("s3").put_object(Bucket=bucket, Key="a", Body=b"a")
    service.aws.client("cloudformation").delete_stack(StackName=service.name)
    _settled(service)
    assert _status(service) == "DELETE_FAILED"

    with pytest.raises(AttentionError, match="DELETE_FAILED again"):
        _recover(service)
    service.aws.client("s3").delete_object(Bucket=bucket, Key="a")

    assert _recover(service).status == "done"


def test_orphans_of_a_dead_deploy(service: Service) -> None:
    """A deploy that was killed at the question left a change set and a record without an outcome: both are tidied."""
    service.deploy()
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=99)
    _die_before_answering(service)

    assert _recover(service).status == "done"

    assert [text.split()[3] for text in _shown(service)] == ["delete", "record"]
    client = service.aws.client("cloudformation")
    statuses = [item["ExecutionStatus"] for item in client.list_change_sets(StackName=service.name)["Summaries"]]
    assert "AVAILABLE" not in statuses
    records = deployment_of(service.render()).ledger(service.context).read_all()
    assert records[1].outcome is not None
    assert (records[1].outcome.status, records[1].outcome.watched) == ("abandoned", False)


def test_failed_rollback_of_a_nested_stack(stacks: Stacks, client: ClientFactory, service: Service, name: str) -> None:
    """A rollback that could not go on names what is in the way, and is continued once that is corrected."""
    stuck = Stuck(stacks, client, name)
    stacks.settled(stuck.root)
    deployment = Deployment(
        name=name,
        environment="dev",
        suffix=None,
        account_id="000000000000",
        root_stack=stuck.root,
        artifact_bucket=service.bucket,
    )
    request = RecoverRequest(deployment=deployment, confirm=lambda: True)

    with pytest.raises(AttentionError, match="UPDATE_ROLLBACK_FAILED again"):
        recover(service.context, request)
    assert f"trying {stuck.child}.Policy again" in _shown(service)[0]
    stuck.restore()

    assert recover(service.context, request).status == "done"
    assert stacks.settled(stuck.root) == "UPDATE_ROLLBACK_COMPLETE"
