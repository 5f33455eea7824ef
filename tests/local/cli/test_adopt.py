"""Destroy with its data kept, and back again: the command line, a customer's key, rows and objects of before."""

from __future__ import annotations

import gzip
import json
import shlex
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

LOCAL = ("--env", "local")
TABLE = "transactions-local-us-east-1-transactions"


def _call(method: str, url: str, body: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the URL is our own server's
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        return json.loads(answer.read())


def _create(outputs: dict[str, str], amount: str) -> dict[str, Any]:
    body = {"amount": amount, "currency": "EUR", "type": "debit", "description": "tea"}
    created: dict[str, Any] = _call("POST", f"{outputs['LocalApiUrl']}/users/ada/transactions", body)
    return created


def _archived(project: Project, bucket: str) -> set[str]:
    s3 = project.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
    bodies = [gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return {json.loads(line)["sequenceNumber"] for body in bodies for line in body.splitlines()}


def _await_archived(project: Project, bucket: str, count: int) -> set[str]:
    deadline = time.monotonic() + 60
    while len(found := _archived(project, bucket)) < count:
        assert time.monotonic() < deadline, "the change is not archived"
        time.sleep(0.2)
    return found


def _offered(error: dict[str, Any]) -> list[str]:
    """The command that a refusal offers, without the program's name."""
    return shlex.split(error["error"]["hint"].split("`")[1])[1:]


@pytest.fixture(name="kept", scope="module")
def _kept(project: Project) -> dict[str, Any]:
    """What a destroyed deployment with a customer's key has left: its outputs, a row and the archive's records."""
    file = project.folder / "config" / "environments.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  local:\n", "  local:\n    encryption: customer-managed\n", 1), encoding="utf-8")
    outputs = project.run_json("deploy", *LOCAL, "--yes")["outputs"]
    row = _create(outputs, "12.30")
    archived = _await_archived(project, outputs["ArchiveBucketName"], 1)
    assert project.run_json("destroy", *LOCAL, "--yes")["status"] == "done"
    return {"outputs": outputs, "row": row, "archived": archived, "key": _key_of(project, TABLE)}


def _key_of(project: Project, table: str) -> str:
    described = project.client("dynamodb").describe_table(TableName=table)["Table"]
    return str(described["SSEDescription"]["KMSMasterKeyArn"]).rpartition("/")[2]


def _stacks(project: Project) -> dict[str, str]:
    found = project.client("cloudformation").describe_stacks()["Stacks"]
    return {each["StackName"]: each["StackStatus"] for each in found if "-service" in each["StackName"]}


@pytest.mark.usefixtures("kept")
def test_what_cannot_be_meant_is_refused(project: Project) -> None:
    """No part, an unknown one, a resource that nobody has, another name, nobody to ask: codes as documented."""
    listed = project.run_json("adopt", *LOCAL, expect=2)["error"]
    assert f"Data.TransactionsTable (table) {TABLE}" in listed["why"]
    assert project.run_json("adopt", *LOCAL, "function:api=x", "--yes", expect=2)["error"]["code"] == "part-unknown"
    nothing = project.run_json("adopt", *LOCAL, "table:transactions=nobody", "--yes", expect=2)["error"]
    assert nothing["code"] == "nothing-to-adopt"
    project.client("dynamodb").create_table(
        TableName="somebody-elses",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    misfit = project.run_json("adopt", *LOCAL, "table:transactions=somebody-elses", "--yes", expect=3)["error"]
    assert misfit["code"] == "does-not-fit"
    assert "TableName" in misfit["why"]
    unasked = project.run_json("adopt", *LOCAL, f"table:transactions={TABLE}", expect=3)["error"]
    assert unasked["code"] == "confirmation-needed"
    assert _stacks(project) == {}


def test_data_of_a_destroyed_deployment_comes_back(project: Project, kept: dict[str, Any]) -> None:
    """The refused deploy offers the command, which brings table, buckets, log group and key back; the next deploy
    serves the old rows, archives beside the old objects, and replaces nothing.
    """  # noqa: D205 - one sentence
    refused = project.run_json("deploy", *LOCAL, "--yes", expect=2)
    assert refused["error"]["code"] == "names-taken"
    assert _stacks(project) == {}
    command = _offered(refused)
    assert f"Security.Key={kept['key']}" in command

    adopted = project.run(*command, "--yes", "--json").splitlines()
    events = [json.loads(line) for line in adopted]
    (planned,) = [event for event in events if event["type"] == "adoption-planned"]
    assert {part["part"] for part in planned["parts"]} >= {
        *("Data.TransactionsTable", "Data.ArchiveBucket", "Data.AccessLogBucket", "Security.Key"),
    }
    assert (events[-1]["operation"], events[-1]["status"], events[-1]["exit_code"]) == ("adopt", "done", 0)

    outputs = _deploy(project)

    assert outputs["ArchiveBucketName"] == kept["outputs"]["ArchiveBucketName"]
    assert _key_of(project, TABLE) == kept["key"]
    listed = _call("GET", f"{outputs['LocalApiUrl']}/users/ada/transactions")["items"]
    assert listed == [kept["row"]]
    _create(outputs, "45.60")
    assert _await_archived(project, outputs["ArchiveBucketName"], 2) > kept["archived"]
    assert project.run_text_json("verify", *LOCAL)["counts"]["failed"] == 0
    project.run("drift", *LOCAL, "--exit-code")
    project.run("diff", *LOCAL, "--exit-code")
    keys = [
        key["KeyId"]
        for key in project.client("kms").list_keys()["Keys"]
        if project.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"].get("KeyManager") == "CUSTOMER"
    ]
    assert keys == [kept["key"]]
    assert project.run_json(*command, "--yes")["status"] == "unchanged"


def _deploy(project: Project) -> dict[str, str]:
    """Deploy; where a function that ran on after the destroy has made its log group anew, adopt that as well."""
    done = project.start("deploy", *LOCAL, "--yes", "--json")
    result = json.loads(done.stdout.splitlines()[-1])
    allowed: list[str] = []
    if result["status"] == "failed" and result["error"]["code"] == "names-taken":
        command = _offered(result)
        project.run(*command, "--yes")
        parts = [word.partition("=")[0] for word in command if "=" in word]
        allowed = [word for part in parts for word in ("--allow-replace", part)]
        done = project.start("deploy", *LOCAL, "--yes", "--json", *allowed)
        result = json.loads(done.stdout.splitlines()[-1])
    assert result["status"] == "done", done.stdout + done.stderr
    outputs: dict[str, str] = result["outputs"]
    return outputs
