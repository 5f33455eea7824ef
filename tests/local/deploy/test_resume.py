"""A deploy that died, was left or was overtaken: what the next one does with what is running and what is left."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen import object_keys
from tapgen.deploy.records.markers import FileMarker
from tapgen.engine.deployment import deployment_of
from tapgen.errors import DeploymentError, RefusedError
from tapgen.events import Noted
from tests.local.deploy.service import queue

if TYPE_CHECKING:
    from tapgen.events import Result
    from tapgen.ledger.record import Record
    from tests.local.deploy.service import Service


def _records(service: Service) -> tuple[Record, ...]:
    return deployment_of(service.render()).ledger(service.context).read_all()


def _wait_for_signal(service: Service) -> None:
    """Let the next deploy run until ``_signal``."""
    service.resources["Compute"] |= {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "600"},
        },
    }


def _signal(service: Service, status: str) -> None:
    client = service.aws.client("cloudformation")
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline, "nothing waits for a signal"
        resources = client.describe_stack_resources(StackName=service.name)["StackResources"]
        child = {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in resources}.get("Compute")
        held = client.describe_stack_resources(StackName=child)["StackResources"] if child else []
        handles = {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in held}
        events = client.describe_stack_events(StackName=child)["StackEvents"] if child else []
        if handles.get("Handle") and any(event["LogicalResourceId"] == "Wait" for event in events):
            break
        time.sleep(0.05)
    body = json.dumps({"Status": status, "Reason": "on purpose", "UniqueId": "1", "Data": ""}).encode()
    url = handles["Handle"].replace("//localhost:", "//127.0.0.1:")
    request = urllib.request.Request(url, data=body, method="PUT")  # noqa: S310 - the embedded AWS
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request).close()  # noqa: S310 - the same


def _until_joined(service: Service) -> None:
    deadline = time.monotonic() + 30
    while not any("Joining" in note.text for note in service.seen(Noted)):
        assert time.monotonic() < deadline, "nobody joined"
        time.sleep(0.02)


def _forget(service: Service, sequence: int, *documents: str) -> None:
    """Remove what a process that was killed earlier would not have written."""
    for name in documents:
        key = object_keys.release_key(service.name, sequence, name)
        service.aws.client("s3").delete_object(Bucket=service.bucket, Key=key)


def test_same_release_joins_its_running_execution(service: Service) -> None:
    """Left running, the same deploy follows it to the verdict and records it; no second change set is made."""
    service.deploy()
    _wait_for_signal(service)
    assert service.deploy(detach=True).status == "started"
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(service.deploy()), daemon=True)
    thread.start()
    _until_joined(service)
    _signal(service, "SUCCESS")
    thread.join()

    assert results[0].status == "done"
    first, record = _records(service)
    assert first.succeeded
    assert record.succeeded
    assert any("Joining the execution of release 2" in note.text for note in service.seen(Noted))


def test_joined_execution_that_fails_is_the_verdict(service: Service) -> None:
    """What fails while it is followed by another process fails for that one, and is recorded with its cause."""
    service.deploy()
    _wait_for_signal(service)
    service.deploy(detach=True)

    def fail() -> None:
        _until_joined(service)
        _signal(service, "FAILURE")

    threading.Thread(target=fail, daemon=True).start()
    with pytest.raises(DeploymentError):
        service.deploy()

    last = _records(service)[-1]
    assert last.outcome is not None
    assert last.outcome.status == "rolled-back"


def test_other_release_is_told_what_is_running(service: Service) -> None:
    """With other inputs the deploy says which release runs, whose and since when, and exits 3."""
    service.deploy()
    _wait_for_signal(service)
    service.deploy(detach=True)
    running = service.render().release_id
    service.resources["Data"]["Orders"] = queue(f"{service.name}-orders", VisibilityTimeout=99)

    with pytest.raises(RefusedError) as caught:
        service.deploy()

    assert caught.value.code == "stack-busy"
    assert f"deploy of release 2 ({running}) by arn:aws:iam::000000000000:root" in caught.value.why
    _signal(service, "SUCCESS")


@pytest.mark.parametrize(
    ("died_after", "documents"),
    [("upload", ("plan", "outcome")), ("plan", ("outcome",)), ("announcement", ("outcome",))],
)
def test_deploy_that_died_before_its_execution_is_done_again(
    service: Service, died_after: str, documents: tuple[str, ...]
) -> None:
    """The next deploy removes the orphan change set, closes the dead record, and ends as if nothing had happened."""
    service.deploy()
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=99)
    service.deploy(execute=False)
    _forget(service, 2, *documents)
    if died_after == "announcement":
        _announce(service)

    assert service.deploy().status == "done"

    first, dead, last = _records(service)
    assert first.succeeded
    assert dead.outcome is not None
    assert (dead.outcome.status, dead.outcome.watched) == ("abandoned", False)
    assert last.succeeded
    client = service.aws.client("cloudformation")
    listed = client.list_change_sets(StackName=service.name)["Summaries"]
    assert {item["ExecutionStatus"] for item in listed} == {"EXECUTE_COMPLETE"}


def test_execution_that_ended_unwatched_is_recorded(service: Service) -> None:
    """Live already, the deploy that left a marker here writes down how it ended."""
    marker = FileMarker(service.folder / "marker")
    service.deploy(marker=marker)
    assert not marker.is_set()
    _forget(service, 1, "outcome")
    marker.set()

    assert service.deploy(marker=marker).status == "unchanged"

    (record,) = _records(service)
    assert record.outcome is not None
    assert (record.outcome.status, record.outcome.watched) == ("succeeded", False)
    assert record.outcome.outputs == {"ReleaseId": record.release_id}
    assert not marker.is_set()


def test_protection_that_was_not_set_is_set(service: Service) -> None:
    """A process that died between the end of the stack and its protection is made good, although nothing changed."""
    service.deploy()
    protected = replace(service.render(), stack_protection=True)

    assert service.deploy(rendered=protected).status == "unchanged"

    client = service.aws.client("cloudformation")
    assert client.describe_stacks(StackName=service.name)["Stacks"][0]["EnableTerminationProtection"] is True
    client.update_termination_protection(StackName=service.name, EnableTerminationProtection=False)


def _announce(service: Service) -> None:
    """Write the execution that a process announced before it was killed."""
    record = _records(service)[1]
    assert record.plan is not None
    document: dict[str, Any] = {
        "schema_version": "1.0",
        "change_set_id": record.plan.change_set_id,
        "stack_id": record.plan.stack_id,
        "who": record.intent.who,
        "host": "elsewhere",
        "started_at": record.intent.started_at.isoformat(),
    }
    key = object_keys.release_key(service.name, 2, "execution")
    service.aws.client("s3").put_object(Bucket=service.bucket, Key=key, Body=json.dumps(document).encode())
