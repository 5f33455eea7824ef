"""A stopped embedded AWS is its folder: a copy of it, started, is the same account, and leaves the first as it was."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.local.cli.conftest import copy_deployed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.cli.conftest import Project

_TABLE = "transactions-local-us-east-1-transactions"


def _send(project: Project, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the API answers; a POST when there is a body."""
    url = project.run("outputs", "--env", "local", "--key", "LocalApiUrl").strip()
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data=data, headers={"content-type": "application/json"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        return json.loads(answer.read())


def _account(project: Project) -> dict[str, Any]:
    """What there is in each service that the templates use, as its API tells it."""
    cloudformation, functions, s3 = (project.client(name) for name in ("cloudformation", "lambda", "s3"))
    stacks = cloudformation.describe_stacks()["Stacks"]
    names = [each["FunctionName"] for each in functions.list_functions()["Functions"]]
    codedeploy, iam = project.client("codedeploy"), project.client("iam")
    found = {
        "stacks": stacks,
        "resources": [cloudformation.list_stack_resources(StackName=each["StackId"]) for each in stacks],
        "events": [cloudformation.describe_stack_events(StackName=each["StackId"]) for each in stacks],
        "functions": [functions.list_versions_by_function(FunctionName=name) for name in names],
        "aliases": [functions.list_aliases(FunctionName=name) for name in names],
        "sources": functions.list_event_source_mappings(),
        "apis": project.client("apigatewayv2").get_apis(),
        "table": project.client("dynamodb").describe_table(TableName=_TABLE),
        "items": project.client("dynamodb").scan(TableName=_TABLE),
        "objects": [s3.list_objects_v2(Bucket=each["Name"]) for each in s3.list_buckets()["Buckets"]],
        "alarms": [
            {key: value for key, value in alarm.items() if not key.startswith("State")}
            for alarm in project.client("cloudwatch").describe_alarms()["MetricAlarms"]
        ],
        "applications": [
            codedeploy.list_deployment_groups(applicationName=name)
            for name in codedeploy.list_applications()["applications"]
        ],
        "roles": iam.list_roles(),
        "policies": [
            iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)
            for role in iam.list_roles()["Roles"]
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        ],
        "groups": project.client("logs").describe_log_groups(),
        "topics": project.client("sns").list_topics(),
        "queues": project.client("sqs").list_queues().get("QueueUrls", []),
    }
    # An endpoint's port is where it listens, no part of what it holds; a request's metadata is the request's.
    text = json.dumps(found, default=str, sort_keys=True).replace(_port(project), "PORT")
    document: dict[str, Any] = json.loads(text, object_hook=_without_metadata)
    return document


def _port(project: Project) -> str:
    return str(json.loads(project.run("local", "status", "--json"))["port"])


def _without_metadata(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "ResponseMetadata"}


def _files(project: Project) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(project.folder.rglob("*")) if path.is_file()}


def test_a_copy_is_whole(saved: Project, tmp_path: Path) -> None:
    """Every service tells the same, the functions answer with the same data, and tapgen finds nothing to do or revert.

    What is done to the copy is not done to what it was copied from.
    """
    first = copy_deployed(saved, tmp_path / "first")
    body = {"amount": "12.30", "currency": "EUR", "type": "debit", "status": "pending"}
    made = _send(first, "/users/ada/transactions", body)
    before = _account(first)
    first.run("local", "stop")
    files = _files(first)

    second = copy_deployed(first, tmp_path / "second")
    try:
        assert _account(second) == before
        assert _send(second, f"/users/ada/transactions/{made['transactionId']}")["amount"] == made["amount"]
        assert second.run_json("deploy", "--env", "local", "--yes")["status"] == "unchanged"
        drift = second.run_text_json("drift", "--env", "local")
        assert [each for each in drift["resources"] if each["properties"]] == []
        second.edit_api("another")
        assert second.run_json("deploy", "--env", "local", "--yes")["status"] == "done"
    finally:
        second.run("local", "stop")
    assert _files(first) == files
