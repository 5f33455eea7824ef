"""A record that cannot be archived, from the table to the dead-letter queue and back into the archive."""

from __future__ import annotations

import gzip
import json
import time
from typing import TYPE_CHECKING, Any

from tests.local.api.conftest import valid

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.api.conftest import Service

REPLAY = ("archive", "replay", "--env", "local")


def until(condition: Callable[[], Any], *, timeout_s: float = 60.0) -> Any:
    """Wait for something to hold."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return found


def archived(service: Service, user: str) -> list[dict[str, Any]]:
    """The archive's lines about one user."""
    s3, bucket = service.project.client("s3"), service.outputs["ArchiveBucketName"]
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="transactions/"):
        for item in page.get("Contents", ()):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            found += [json.loads(line) for line in gzip.decompress(body).splitlines()]
    return [line for line in found if line["keys"]["userId"] == user]


def test_poison_record_is_put_back_when_the_archiver_takes_it(service: Service, user: str) -> None:
    """It is told with its reason, refused as long as it must be, and archived by a version that knows it."""
    project = service.project
    assert project.run(*REPLAY) == "no dead letters\n"
    created = service.call("POST", f"/users/{user}/transactions", valid()).document
    _write_around_the_api(service, created)

    letters = until(lambda: project.run_text_json(*REPLAY, "--dry-run")["letters"])
    assert [letter["outcome"] for letter in letters] == ["found"]
    assert letters[0]["reason"] == "the new image is no transaction: description is not text"
    shown = project.run(*REPLAY, expect=5)
    assert "refused" in shown
    assert "1 of 1 stay in the queue" in shown
    assert [line["eventName"] for line in archived(service, user)] == ["INSERT"]

    items = project.folder / "handlers" / "common" / "items.py"
    source = items.read_text(encoding="utf-8")
    # Only the archiver looks for misfits: the API, whose answers the hooks check, stays as it is.
    lenient = 'for name in (name for name in TEXT_ATTRIBUTES if name != "description"):'
    items.write_text(source.replace("for name in TEXT_ATTRIBUTES:", lenient), encoding="utf-8")
    try:
        project.run("deploy", "--env", "local", "--yes")
        assert [item["outcome"] for item in project.run_text_json(*REPLAY)["letters"]] == ["redriven"]
        assert project.run(*REPLAY) == "no dead letters\n"
    finally:
        # The lenient edition stays deployed: no other test writes a misfit.
        items.write_text(source, encoding="utf-8")

    inserted, modified = sorted(archived(service, user), key=lambda line: int(line["sequenceNumber"]))
    assert (inserted["eventName"], modified["eventName"]) == ("INSERT", "MODIFY")
    assert "description" not in modified["newImage"]


def _write_around_the_api(service: Service, created: dict[str, Any]) -> None:
    """What a script of somebody in a hurry leaves behind: a transaction without a description."""
    dynamodb, table = service.project.client("dynamodb"), service.outputs["TransactionsTableName"]
    dynamodb.update_item(
        TableName=table,
        Key={"userId": {"S": created["userId"]}, "transactionId": {"S": created["transactionId"]}},
        UpdateExpression="REMOVE description",
    )


def test_batch_that_lambda_gave_up_is_read_from_the_stream(service: Service, user: str) -> None:
    """Lambda's own letter names sequence numbers; their records come from the stream as long as it has them."""
    service.call("POST", f"/users/{user}/transactions", valid())
    (line,) = until(lambda: archived(service, user))
    queue, bucket = service.outputs["DeadLetterQueueUrl"], service.outputs["ArchiveBucketName"]
    s3, sqs = service.project.client("s3"), service.project.client("sqs")
    for item in s3.list_objects_v2(Bucket=bucket, Prefix="transactions/")["Contents"]:
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    table = service.project.client("dynamodb").describe_table(TableName=service.outputs["TransactionsTableName"])[
        "Table"
    ]
    for number in (line["sequenceNumber"], "1"):
        batch = {
            "streamArn": table["LatestStreamArn"],
            "startSequenceNumber": number,
            "endSequenceNumber": number,
            "batchSize": 1,
        }
        letter = {"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": batch}
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(letter))
    sqs.send_message(QueueUrl=queue, MessageBody="hello")

    letters = service.project.run_text_json(*REPLAY, expect=5)["letters"]

    assert sorted(letter["outcome"] for letter in letters) == ["lost", "redriven", "unreadable"]
    assert archived(service, user) == [line]
    sqs.purge_queue(QueueUrl=queue)


def test_synthetic_users_are_not_archived(service: Service, user: str) -> None:
    """Whoever tries the service out leaves nothing in the archive."""
    service.call("POST", "/users/synthetic:probe/transactions", valid())
    service.call("POST", f"/users/{user}/transactions", valid(), idempotency_key="k")

    until(lambda: archived(service, user))
    assert archived(service, "synthetic:probe") == []
    assert archived(service, f"idempotency#{user}") == []
