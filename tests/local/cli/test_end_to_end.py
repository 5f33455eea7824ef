"""The main job as its user does it: the command line against the embedded AWS, requests over HTTP, objects in S3."""

from __future__ import annotations

import gzip
import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project


def _call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    request = urllib.request.Request(  # noqa: S310 - the URL is our own server's
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            raw = answer.read()
            return answer.status, json.loads(raw) if raw else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def _archived(project: Project, bucket: str) -> list[dict[str, Any]]:
    s3 = project.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
    bodies = [gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


def _await_archived(project: Project, bucket: str, count: int) -> list[dict[str, Any]]:
    """The stream is read in the background: look again until the records are there."""
    deadline = time.monotonic() + 60
    while len(records := _archived(project, bucket)) < count and time.monotonic() < deadline:
        time.sleep(0.2)
    return records


def test_deploy_serve_archive_update_and_destroy(project: Project) -> None:
    """A first deploy serves the API and archives each change; new code serves next; destroy frees every name."""
    first = project.run_json("deploy", "--env", "local", "--yes")
    assert first["status"] == "done"
    url, bucket = first["outputs"]["LocalApiUrl"], first["outputs"]["ArchiveBucketName"]

    status, created = _call("POST", f"{url}/users/ada/transactions", _transaction("12.30"))
    assert status == 201
    one = f"{url}/users/ada/transactions/{created['transactionId']}"
    assert _call("GET", one) == (200, created)
    assert _call("GET", f"{url}/users/ada/transactions")[1]["items"] == [created]
    status, replaced = _call("PUT", one, _transaction("45.60"))
    assert (status, replaced["amount"]) == (200, "45.60")
    assert _call("DELETE", one)[0] == 204
    assert _call("GET", one)[0] == 404

    records = _await_archived(project, bucket, 3)
    assert [record["eventName"] for record in sorted(records, key=lambda item: item["sequenceNumber"])] == [
        "INSERT",
        "MODIFY",
        "REMOVE",
    ]

    unchanged = project.run_json("deploy", "--env", "local", "--yes")
    assert unchanged["status"] == "unchanged"
    assert unchanged["outputs"]["LocalApiUrl"] == url

    _announce_version_two(project)
    second = project.run_json("deploy", "--env", "local", "--yes")
    assert second["status"] == "done"
    assert second["outputs"]["ApiVersionArn"] != first["outputs"]["ApiVersionArn"]
    assert second["outputs"]["ArchiverVersionArn"] == first["outputs"]["ArchiverVersionArn"]
    assert _call("GET", f"{url}/health")[1]["edition"] == "two"

    destroyed = project.run_json("destroy", "--env", "local", "--yes", "--delete-data")
    assert destroyed["status"] == "done"
    assert "not deployed" in project.run("status", "--env", "local")
    assert project.client("dynamodb").list_tables()["TableNames"] == []
    assert bucket not in {item["Name"] for item in project.client("s3").list_buckets()["Buckets"]}
    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "done"


def test_a_restart_of_the_embedded_aws_goes_on_where_it_was(project: Project) -> None:
    """After a stop and a start, and a deploy then, changes are archived, each once; all is well, and as deployed.

    The dead letter stands for everything that goes on in the background: queue metrics, an alarm, its state.
    """
    outputs = project.run_json("deploy", "--env", "local", "--yes")["outputs"]
    _create(project, outputs, 1)

    project.run("local", "stop")
    project.run("local", "start")
    _create(project, outputs, 2)
    project.edit_api("deployed after a start")
    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "done"
    _create(project, outputs, 3)

    assert project.run_text_json("verify", "--env", "local")["counts"]["failed"] == 0
    project.run("drift", "--env", "local", "--exit-code")
    queue = outputs["DeadLetterQueueUrl"]
    project.client("sqs").send_message(QueueUrl=queue, MessageBody="left over")
    alarm = f"{outputs['TransactionsTableName'].removesuffix('-transactions')}-dead-letters"
    project.await_alarm(alarm, "ALARM")


def _create(project: Project, outputs: dict[str, str], count: int) -> None:
    """Create a transaction and wait until the archive holds ``count`` of Eve's, each once, and the reader is done."""
    status, _ = _call("POST", f"{outputs['LocalApiUrl']}/users/eve/transactions", _transaction(f"{count}.00"))
    assert status == 201
    deadline = time.monotonic() + 60
    functions = project.client("lambda")
    while True:
        amounts = sorted(_amounts(project, outputs["ArchiveBucketName"]))
        (mapping,) = functions.list_event_source_mappings()["EventSourceMappings"]
        if len(amounts) >= count and mapping["LastProcessingResult"].startswith("OK"):
            break
        assert time.monotonic() < deadline, amounts
        time.sleep(0.2)
    assert amounts == [f"{number}.00" for number in range(1, count + 1)]


def _amounts(project: Project, bucket: str) -> list[str]:
    """The amounts of Eve's archived transactions."""
    images = [record["newImage"] for record in _archived(project, bucket) if record["newImage"]]
    return [image["amount"] for image in images if image["userId"] == "eve"]


def _transaction(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR", "type": "debit", "description": "tea"}


def _announce_version_two(project: Project) -> None:
    """Change the code so that the health answer tells the new version from the old one."""
    app = project.folder / "handlers" / "api" / "app.py"
    app.write_text(
        app.read_text(encoding="utf-8")
        + "\n\n_first_edition = handler\n\n\n"
        + "def handler(event, context):\n"
        + "    answer = _first_edition(event, context)\n"
        + "    if event['rawPath'].endswith('/health'):\n"
        + "        import json\n\n"
        + "        answer['body'] = json.dumps(json.loads(answer['body']) | {'edition': 'two'})\n"
        + "    return answer\n",
        encoding="utf-8",
    )
