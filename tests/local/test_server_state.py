"""What survives: a stop, a crash, and an operation that neither let finish."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.server import LocalAws
from tapgen.local.urls import api_url
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.templates import ref, table
from tests.local.extension.test_types_api import http_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[LocalAws]:
    aws = LocalAws(tmp_path / ".tapgen" / "local", lifetime="parent")
    yield aws
    aws.stop()


def service() -> dict[str, Any]:
    """An API with a function, a table, a bucket and a saved query."""
    template = http_api("service")
    template["Resources"] |= {
        "Table": table("service"),
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "service-archive"}},
        "Query": {
            "Type": "AWS::Logs::QueryDefinition",
            "Properties": {"Name": "errors", "QueryString": "fields @message", "LogGroupNames": [ref("Group")]},
        },
    }
    return template


def deploy(status: LocalStatus) -> str:
    """Deploy the service and put something in; the API's id."""
    client = client_factory(status)
    stacks = Stacks(client)
    assert stacks.create("service", service()) == "CREATE_COMPLETE"
    client("dynamodb").put_item(TableName="service", Item={"id": {"S": "kept"}})
    client("s3").put_object(Bucket="service-archive", Key="kept", Body=b"kept")
    return stacks.outputs("service")["Api"]


def assert_deployed(status: LocalStatus, api_id: str) -> None:
    client = client_factory(status)
    with urllib.request.urlopen(f"{api_url(status.endpoint_url, api_id)}/users/1/transactions") as answer:  # noqa: S310 - the embedded AWS
        assert json.load(answer)["function"] == "service"
    assert (
        client("cloudformation").describe_stacks(StackName="service")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    )
    assert client("dynamodb").get_item(TableName="service", Key={"id": {"S": "kept"}})["Item"]
    assert client("s3").get_object(Bucket="service-archive", Key="kept")["Body"].read() == b"kept"
    assert client("logs").describe_query_definitions()["queryDefinitions"][0]["name"] == "errors"
    assert Stacks(client).resources("service")["Api"] == api_id


def kill(status: LocalStatus) -> None:
    """End the child without a chance to save anything."""
    assert status.pid
    os.kill(status.pid, signal.SIGKILL)


def eventually(condition: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state_file(status: LocalStatus, service: str) -> str:
    try:
        return (status.state_dir / f"{service}.json").read_text()
    except FileNotFoundError:
        return ""


def test_a_stop_loses_nothing(aws: LocalAws) -> None:
    """Stack, function and its code, API id, rows, objects and saved queries are there after a restart."""
    api_id = deploy(aws.ensure_running())
    aws.stop()
    assert_deployed(aws.ensure_running(), api_id)


def test_saving_at_a_stop_alone_loses_nothing_at_the_stop(tmp_path: Path) -> None:
    """Nothing is written while it runs, however many operations end; after a clean stop all of it is found again."""
    aws = LocalAws(tmp_path, lifetime="parent", save="stop")
    try:
        api_id = deploy(aws.ensure_running())
        assert not list(aws.status().state_dir.glob("cloudformation.json"))

        aws.stop()

        assert_deployed(aws.start(), api_id)
    finally:
        aws.stop()


def test_a_crash_loses_nothing_that_was_deployed(aws: LocalAws) -> None:
    """State is written on its own a moment after the deployment."""
    status = aws.ensure_running()
    api_id = deploy(status)
    saved = {"cloudformation": "CREATE_COMPLETE", "dynamodb": "kept", "lambda": api_id, "s3": "service-archive"}
    eventually(lambda: all(text in state_file(status, service) for service, text in saved.items()))
    kill(status)
    assert_deployed(aws.ensure_running(), api_id)


def test_a_crash_loses_no_end_that_somebody_was_told(aws: LocalAws) -> None:
    """Not even at once: create, update and delete are there after the restart, with what they made and removed."""
    status = aws.ensure_running()
    assert Stacks(client_factory(status)).create("service", service()) == "CREATE_COMPLETE"
    kill(status)

    status = aws.ensure_running()
    client = client_factory(status)
    stacks = Stacks(client)
    assert stacks.describe("service")["StackStatus"] == "CREATE_COMPLETE"
    assert client("lambda").get_function(FunctionName="service")["Configuration"]["State"] == "Active"
    assert client("dynamodb").describe_table(TableName="service")["Table"]["TableStatus"] == "ACTIVE"
    changed = service()
    changed["Resources"]["Query"]["Properties"]["Name"] = "faults"
    assert stacks.update("service", changed) == "UPDATE_COMPLETE"
    kill(status)

    status = aws.ensure_running()
    client = client_factory(status)
    stacks = Stacks(client)
    assert stacks.describe("service")["StackStatus"] == "UPDATE_COMPLETE"
    assert [each["name"] for each in client("logs").describe_query_definitions()["queryDefinitions"]] == ["faults"]
    assert stacks.delete("service") == "DELETE_COMPLETE"
    kill(status)

    client = client_factory(aws.ensure_running())
    assert not [each for each in client("cloudformation").describe_stacks()["Stacks"] if each["StackName"] == "service"]
    assert client("dynamodb").list_tables()["TableNames"] == []


def test_an_interrupted_operation_is_found_as_failed(aws: LocalAws) -> None:
    """A stack that was being created can be deleted after the crash, and the name is free again."""
    status = aws.ensure_running()
    client: ClientFactory = client_factory(status)
    waiting = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": ref("Handle"), "Timeout": "3600"},
        },
    }
    client("cloudformation").create_stack(StackName="waiting", TemplateBody=json.dumps({"Resources": waiting}))
    eventually(lambda: "CREATE_IN_PROGRESS" in state_file(status, "cloudformation"))
    kill(status)
    stacks = Stacks(client_factory(aws.ensure_running()))
    stack = stacks.describe("waiting")
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert stack["StackStatusReason"] == "The embedded AWS was stopped during this operation"
    assert stacks.delete("waiting") == "DELETE_COMPLETE"


def queue(name: str, timeout_s: str) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "VisibilityTimeout": timeout_s}}


def hierarchy(stacks: Stacks, timeout_s: str, **more: Any) -> dict[str, Any]:
    """A root with a queue and two nested stacks with one each; ``more`` is in the second."""
    parameter = {"Timeout": {"Type": "String"}}
    nested = {"Parameters": parameter, "Resources": {"Nested": queue("nested", timeout_s), **more}}
    ended = {"Parameters": parameter, "Resources": {"Ended": queue("ended", timeout_s)}}
    return {
        "Parameters": parameter,
        "Resources": {
            "Own": queue("own", timeout_s),
            **{
                name: {
                    "Type": "AWS::CloudFormation::Stack",
                    "Properties": {"TemplateURL": stacks.upload(template), "Parameters": {"Timeout": ref("Timeout")}},
                }
                for name, template in (("Ended", ended), ("Child", nested))
            },
        },
    }


def test_an_interrupted_update_is_rolled_back_after_the_crash(aws: LocalAws) -> None:
    """What had been updated and what was about to be goes back, in nested stacks too, with parameters and template."""
    status = aws.ensure_running()
    client = client_factory(status)
    stacks = Stacks(client)

    def parameters(timeout_s: str) -> list[dict[str, str]]:
        return [{"ParameterKey": "Timeout", "ParameterValue": timeout_s}]

    assert stacks.create("root", hierarchy(stacks, "10"), Parameters=parameters("10")) == "CREATE_COMPLETE"
    before = json.loads(json.dumps(client("cloudformation").get_template(StackName="root")["TemplateBody"]))
    waiting = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": ref("Handle"), "Timeout": "3600"},
        },
    }
    client("cloudformation").update_stack(
        StackName="root", TemplateBody=json.dumps(hierarchy(stacks, "20", **waiting)), Parameters=parameters("20")
    )
    events = client("cloudformation").describe_stack_events
    eventually(
        lambda: any(
            each["LogicalResourceId"] == "Wait"
            for stack in children(client)
            for each in events(StackName=stack)["StackEvents"]
        )
    )
    eventually(lambda: '"Wait"' in state_file(status, "cloudformation"))
    kill(status)

    client = client_factory(aws.ensure_running())
    stacks = Stacks(client)
    assert stacks.describe("root")["StackStatus"] == "UPDATE_FAILED"
    client("cloudformation").rollback_stack(StackName="root")
    assert stacks.settled("root") == "UPDATE_ROLLBACK_COMPLETE"

    assert stacks.describe("root").get("StackStatusReason", "") == ""
    assert stacks.describe("root")["Parameters"] == parameters("10")
    assert client("cloudformation").get_template(StackName="root")["TemplateBody"] == before
    assert {stacks.describe(child)["StackStatus"] for child in children(client)} == {"UPDATE_ROLLBACK_COMPLETE"}
    for name in ("own", "ended", "nested"):
        url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        assert found["Attributes"]["VisibilityTimeout"] == "10", name
    assert "Wait" not in stacks.resources(children(client)[0])
    assert "Wait" not in stacks.resources(children(client)[1])


def children(client: ClientFactory) -> list[str]:
    """The ids of the stacks that are nested in another one."""
    return [each["StackId"] for each in client("cloudformation").describe_stacks()["Stacks"] if each.get("ParentId")]


def test_a_reset_forgets_everything(aws: LocalAws) -> None:
    """It runs again on the same port, and knows nothing."""
    status = aws.ensure_running()
    deploy(status)
    after = aws.reset()
    assert (after.running, after.port) == (True, status.port)
    client = client_factory(after)
    assert client("cloudformation").list_stacks()["StackSummaries"] == []
    assert client("s3").list_buckets()["Buckets"] == []


def test_a_reset_of_a_stopped_one_leaves_it_stopped(aws: LocalAws) -> None:
    """Only the state goes."""
    state = aws.ensure_running().state_dir
    aws.stop()
    assert state.exists()
    assert not aws.reset().running
    assert not state.exists()
