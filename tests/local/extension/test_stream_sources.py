"""Event source mappings of table streams: what a function reports is delivered again, and what never works is told."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.conftest import ClientFactory

# Writes down every batch; "crash" fails the invocation, "refuse" is reported.
_CODE = """import json, os
def handler(event, context):
    users = [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]
    with open(os.environ["DIARY"], "a") as diary:
        diary.write(json.dumps(users) + "\\n")
    if "crash" in users:
        raise ValueError("crash")
    return {"batchItemFailures": [
        {"itemIdentifier": record["dynamodb"]["SequenceNumber"]}
        for record, user in zip(event["Records"], users) if user == "refuse"
    ]}
"""


@dataclass(frozen=True)
class Source:
    """A table whose stream feeds a function with a diary, and the queue at its end."""

    client: ClientFactory
    name: str
    diary: Path
    queue_url: str

    def put(self, *ids: str) -> None:
        for item in ids:
            self.client("dynamodb").put_item(TableName=self.name, Item={"id": {"S": item}})

    def connect(self, **settings: Any) -> str:
        """Make the mapping, which begins at the stream's oldest record; its id."""
        dynamodb, sqs = self.client("dynamodb"), self.client("sqs")
        arn = sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        made = self.client("lambda").create_event_source_mapping(
            EventSourceArn=dynamodb.describe_table(TableName=self.name)["Table"]["LatestStreamArn"],
            FunctionName=self.name,
            StartingPosition="TRIM_HORIZON",
            MaximumRetryAttempts=2,
            DestinationConfig={"OnFailure": {"Destination": arn}},
            **settings,
        )
        return str(made["UUID"])

    def batches(self) -> list[list[str]]:
        return [json.loads(line) for line in self.diary.read_text().splitlines()] if self.diary.exists() else []

    def letters(self) -> list[dict[str, Any]]:
        messages = self.client("sqs").receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [json.loads(message["Body"]) for message in messages.get("Messages", ())]


def make_source(client: ClientFactory, name: str, folder: Path) -> Source:
    """A table with a stream, its reader, which writes its diary into a folder, and a queue; not connected yet."""
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    statement = {
        "Effect": "Allow",
        "Action": [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
        "Resource": "*",
    }
    client("iam").put_role_policy(
        RoleName=name,
        PolicyName="stream",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", _CODE)
    client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"DIARY": str(folder / "diary")}},
    )
    return Source(client, name, folder / "diary", client("sqs").create_queue(QueueName=name)["QueueUrl"])


@pytest.fixture(name="source")
def _source(client: ClientFactory, name: str, tmp_path: Path) -> Source:
    return make_source(client, name, tmp_path)


def test_reported_record_is_delivered_again_with_what_follows(source: Source) -> None:
    """Everything before the lowest reported number is done; after the last attempt the rest is told and passed over."""
    source.put("a", "refuse", "b")
    source.connect(FunctionResponseTypes=["ReportBatchItemFailures"])
    until(source.letters)

    assert source.batches() == [["a", "refuse", "b"], *[["refuse", "b"]] * 2]
    (letter,) = source.letters()
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 2
    source.put("c")
    until(lambda: ["c"] in source.batches())


def test_failed_batch_is_bisected_down_to_the_bad_record(source: Source) -> None:
    """Only the record that makes the function fail ends in the queue; all others are delivered to the end."""
    source.put("a", "b", "crash", "c")
    source.connect(BisectBatchOnFunctionError=True, FunctionResponseTypes=["ReportBatchItemFailures"])
    until(source.letters)
    until(lambda: ["c"] in source.batches())

    (letter,) = source.letters()
    batch = letter["DDBStreamBatchInfo"]
    assert (batch["batchSize"], batch["startSequenceNumber"]) == (1, batch["endSequenceNumber"])
    assert source.batches()[:2] == [["a", "b", "crash", "c"], ["a", "b"]]
    assert source.batches().count(["crash"]) == 3


def test_answer_without_report_types_is_success(source: Source) -> None:
    """A mapping that does not ask for reports does not read them."""
    source.put("refuse", "a")
    source.connect()
    until(source.batches)
    source.put("b")
    until(lambda: ["b"] in source.batches())

    assert source.batches() == [["refuse", "a"], ["b"]]
