"""A service with every kind of part and every option: it renders, lints, deploys, and each delivery arrives.

Left out of what runs: the container image (deployed, the embedded AWS runs none), provisioned concurrency (recorded;
configured for ``prod``) and the VPC and layer of others (recorded).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]  # cfn-lint ships no type information
from cfnlint.core import get_rules  # type: ignore[import-untyped]  # cfn-lint ships no type information

from tapgen.local.firing import fire
from tapgen.testing import assert_encrypted, assert_guarded, assert_least_privilege, assert_private, load_project
from tests.projects.conftest import LOCAL, PROJECTS, await_true, call, copy_test_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.testing import RenderedEnvironment
    from tests.local.cli.conftest import Project

PREFIX = "kinds-local-us-east-1"
SCHEDULE = f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{PREFIX}"
OTHERS = "us-east-1:000000000000"


@pytest.fixture(name="rendered", scope="module", params=["local", "prod"])
def _rendered(request: pytest.FixtureRequest) -> RenderedEnvironment:
    return load_project(PROJECTS / "every_kind").render(request.param)


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project, after others have made what is theirs, and somebody has set the parameter."""
    project = copy_test_project("every_kind", tmp_path_factory.mktemp("kinds"))
    project.run("local", "start")
    project.client("sqs").create_queue(QueueName="billing")
    project.client("sns").create_topic(Name="billing-news")
    project.client("ssm").put_parameter(Name=f"{PREFIX}-limit", Value="7", Type="String")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    project.client("iam").create_role(Path="/shared/", RoleName="borrowed", AssumeRolePolicyDocument=json.dumps(trust))
    yield project
    project.run("local", "stop")


@pytest.fixture(name="outputs", scope="module")
def _outputs(project: Project) -> dict[str, str]:
    outputs: dict[str, str] = project.run_json("deploy", *LOCAL, "--yes")["outputs"]
    return outputs


def test_templates_keep_what_is_promised(rendered: RenderedEnvironment) -> None:
    """Every named check holds where every kind is there, and prod's provisioned function is not shifted by weight."""
    assert_least_privilege(rendered)
    assert_encrypted(rendered)
    assert_private(rendered)
    assert_guarded(rendered)


def test_cfn_lint_is_silent_about_every_kind(rendered: RenderedEnvironment) -> None:
    """No error, warning or note on the stacks that parts make."""
    rules = get_rules([], [], ["I"], {})
    for stack in ("data", "security", "compute"):
        for name, template in rendered.templates.items():
            if name.startswith(stack):
                found = lint(json.dumps(template), rules=rules, regions=[rendered.environment.region])
                assert [str(item) for item in found] == [], name


def test_every_delivery_arrives(project: Project, outputs: dict[str, str]) -> None:
    """Queue, FIFO queue, stream, topic with its filter, rule of a bus, bucket, schedules, asynchronous call, and the
    queue and topic of others: each invokes the function with its own event.
    """  # noqa: D205 - one sentence
    url = outputs["LocalApiUrl"]
    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    status, stored = call("POST", f"{url}/items", {"owner": "ada"})
    assert status == 200, stored
    assert call("POST", f"{url}/news", {"id": "told"})[0] == 200
    assert call("PUT", f"{url}/files/picture")[0] == 200
    for number in (7, 8):
        fire(endpoint, f"{SCHEDULE}-everything-{number}")
    _invoke_later(project, {"call": "later"})
    project.client("sqs").send_message(
        QueueUrl=project.client("sqs").get_queue_url(QueueName="billing")["QueueUrl"], MessageBody='{"id": "theirs"}'
    )
    project.client("sns").publish(TopicArn=f"arn:aws:sns:{OTHERS}:billing-news", Message='{"id": "their news"}')

    expected = {
        ("jobs", "ada"),
        ("ordered.fifo", "ada"),
        ("change", "ada"),
        ("notification", "told-wanted"),
        ("event", "told"),
        ("object", "uploads/picture"),
        ("schedule", "weekdays"),
        ("schedule", "nightly"),
        ("call", "later"),
        (f"{OTHERS}:billing".rpartition("-")[2], "theirs"),
        ("notification", "their news"),
    }
    await_true(lambda: _seen(url) >= expected, f"not everything arrived: {expected - _seen(url)}")
    assert _seen(url) == expected


def test_what_ends_in_queues(project: Project, outputs: dict[str, str]) -> None:
    """The topic's queue has each notification as it was published; destinations tell what succeeded and failed."""
    assert call("POST", f"{outputs['LocalApiUrl']}/news", {"id": "queued"})[0] == 200
    _invoke_later(project, {"fail": True})
    told: list[str] = []
    failed: list[str] = []

    def arrived() -> bool:
        told.extend(_take(project, outputs["ToldQueueUrl"]))
        failed.extend(_take(project, outputs["FailedQueueUrl"]))
        return (
            bool(failed)
            and '{"id": "queued-unwanted"}' in told
            and any('"condition": "Success"' in text for text in told)
        )

    _invoke_later(project, {"call": "told of"})
    await_true(arrived, f"told: {told}, failed: {failed}")
    assert json.loads(failed[0])["requestPayload"] == {"fail": True}


def test_functions_of_every_sort_answer(project: Project, outputs: dict[str, str]) -> None:
    """Values of secrets and parameters are read at run time, Node.js runs, and the borrowed role serves."""
    url = outputs["LocalApiUrl"]
    assert call("GET", f"{url}/secret") == (200, {"length": 24, "limit": "7"})
    assert call("GET", f"{url}/health") == (200, {"status": "ok", "greeting": "hello"})
    assert call("GET", f"{url}/borrowed")[0] == 200
    assert call("GET", f"{url}/nobody")[0] == 404
    answer = project.client("lambda").invoke(FunctionName=f"{PREFIX}-mirror", Qualifier="live", Payload=b'{"a": 1}')
    mirrored = json.loads(answer["Payload"].read())
    assert mirrored["mirrored"] == {"a": 1}
    assert mirrored["bus"] == f"{PREFIX}-facts"


def test_options_are_deployed(project: Project, outputs: dict[str, str]) -> None:
    """What the embedded AWS only records is what the service says."""
    functions = project.client("lambda")
    guest = functions.get_function_configuration(FunctionName=f"{PREFIX}-guest", Qualifier="live")
    assert guest["VpcConfig"]["SubnetIds"] == ["subnet-0a1b2c3d"]
    assert next(layer["Arn"] for layer in guest["Layers"]).endswith("aws-otel-python-arm64-ver-1-32-0:2")
    pictured = functions.get_function_configuration(FunctionName=f"{PREFIX}-pictured", Qualifier="live")
    assert pictured["PackageType"] == "Image"
    everything = functions.get_function_configuration(FunctionName=f"{PREFIX}-everything", Qualifier="live")
    assert (everything["EphemeralStorage"]["Size"], everything["MemorySize"]) == (1024, 256)
    schedule = project.client("scheduler").get_schedule(Name=f"{PREFIX}-everything-7")
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    told = project.client("sqs").get_queue_attributes(
        QueueUrl=outputs["ToldQueueUrl"], AttributeNames=["MessageRetentionPeriod"]
    )
    assert told["Attributes"]["MessageRetentionPeriod"] == "600"
    ssm = project.client("ssm")
    (motto,) = [each["Name"] for each in ssm.describe_parameters()["Parameters"] if "Motto" in each["Name"]]
    assert ssm.get_parameter(Name=motto)["Parameter"]["Value"] == "every kind once"


def _seen(url: str) -> set[tuple[str, str]]:
    _, body = call("GET", f"{url}/seen")
    return {(what, name) for what, name in body["seen"]}


def _invoke_later(project: Project, payload: dict[str, Any]) -> None:
    project.client("lambda").invoke(
        FunctionName=f"{PREFIX}-everything", Qualifier="live", InvocationType="Event", Payload=json.dumps(payload)
    )


def _take(project: Project, queue_url: str) -> list[str]:
    found = project.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in found]
