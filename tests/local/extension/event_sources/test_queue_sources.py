"""Event source mappings of queues: what reaches the alias of a function, in which batches, with whose permission."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import Reader, allow, arn, receive, ref, resource

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

MAY_READ = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn("Queue"))

# Reports every message that says "refuse"; the answer is the event's own where a message says so.
PARTIAL = """import json, os
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    with open(os.environ["DIARY"], "a") as diary:
        diary.write(json.dumps({"event": bodies, "arn": "", "version": ""}) + "\\n")
    return {"batchItemFailures": [
        {"itemIdentifier": record["messageId"]} for record in event["Records"] if record["body"] == "refuse"
    ]}
"""


def template(reader: Reader, *, mapping: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """A queue with dead letters after two attempts, and a mapping to the alias."""
    statements = options.pop("statements", (MAY_READ,))
    queue = {
        "VisibilityTimeout": 30,
        "RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 2},
        **options.pop("queue", {}),
    }
    resources = {
        **reader.resources(*statements, **options),
        "Dead": resource("AWS::SQS::Queue", FifoQueue=bool(queue.get("FifoQueue"))),
        "Queue": resource("AWS::SQS::Queue", **queue),
        "Mapping": resource(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn=arn("Queue"),
            FunctionName=ref("Live"),
            **(mapping or {}),
        ),
    }
    return {"Resources": resources}


def bodies(reader: Reader) -> list[list[str]]:
    return [[record["body"] for record in event["Records"]] for event in reader.events()]


def send(client: ClientFactory, url: str, *messages: str, **parameters: Any) -> None:
    for message in messages:
        client("sqs").send_message(QueueUrl=url, MessageBody=message, **parameters)


def test_messages_reach_the_alias(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A record is as Lambda documents it, the alias is what was invoked, and the message is gone afterwards."""
    assert stacks.create(name, template(reader)) == "CREATE_COMPLETE"
    url = stacks.resources(name)["Queue"]
    attribute = {"kind": {"DataType": "String", "StringValue": "order"}}
    send(client, url, "one", MessageAttributes=attribute)
    until(reader.entries)
    (entry,) = reader.entries()
    assert entry["arn"].endswith(":live")
    assert entry["version"] == "1"
    (record,) = entry["event"]["Records"]
    assert (record["body"], record["eventSource"], record["awsRegion"]) == ("one", "aws:sqs", "eu-central-1")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["kind"]["stringValue"] == "order"
    queue_arn = record["eventSourceARN"]
    assert queue_arn.endswith(url.rpartition("/")[2])
    until(lambda: _left(client, url) == 0)


def _left(client: ClientFactory, url: str) -> int:
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(found[key]) for key in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"))


def test_what_fails_ends_with_the_dead_letters(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """After the attempts of the redrive policy, without anybody who receives."""
    stacks.create(name, template(reader, mapping={"BatchSize": 1}))
    made = stacks.resources(name)
    send(client, made["Queue"], "crash")
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert bodies(reader) == [["crash"]] * 2
    (letter,) = receive(client("sqs"), made["Dead"])
    assert letter["Attributes"]["DeadLetterQueueSourceArn"].endswith(made["Queue"].rpartition("/")[2])


def test_only_what_is_reported_comes_again(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """The rest of the batch is done; the reported message dies after its attempts."""
    mapping = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumBatchingWindowInSeconds": 60}
    stacks.create(name, template(reader, mapping=mapping, code=PARTIAL))
    made = stacks.resources(name)
    send(client, made["Queue"], "a", "refuse", "b")
    until(lambda: receive(client("sqs"), made["Dead"]))
    assert [message["Body"] for message in receive(client("sqs"), made["Dead"])] == ["refuse"]
    delivered = [body for event in reader.events() for body in event]
    assert sorted(delivered) == ["a", "b", "refuse", "refuse"]


def test_a_window_fills_the_batch(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """More than ten messages in one batch, which is delivered as soon as it is full."""
    mapping = {"BatchSize": 25, "MaximumBatchingWindowInSeconds": 300}
    stacks.create(name, template(reader, mapping=mapping))
    url = stacks.resources(name)["Queue"]
    send(client, url, *map(str, range(25)))
    until(reader.entries)
    assert sorted(map(int, bodies(reader)[0])) == list(range(25))


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ({"body": {"total": [{"numeric": [">", 100]}]}}, ['{"total": 250}']),
        ({"body": {"kind": [{"anything-but": "noise"}]}}, ['{"kind": "order"}']),
        ({"body": [{"prefix": "plain"}]}, ["plain text"]),
    ],
    ids=["numeric", "anything-but", "text"],
)
def test_what_a_filter_drops_is_gone(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader, *, pattern: dict[str, Any], kept: list[str]
) -> None:
    """It reaches no function and is deleted, whatever becomes of the others; text and JSON are told apart."""
    mapping = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]}, "BatchSize": 1}
    stacks.create(name, template(reader, mapping=mapping))
    url = stacks.resources(name)["Queue"]
    send(client, url, '{"total": 5}', '{"total": 250}', '{"kind": "order"}', '{"kind": "noise"}', "plain text", "text")
    until(lambda: _left(client, url) == 0)
    until(lambda: len(reader.entries()) >= len(kept))
    assert [body for batch in bodies(reader) for body in batch] == kept


def test_the_alias_weights_decide(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Batches go to both versions of a weighted alias, and are told apart by the version that ran."""
    first = template(reader, mapping={"BatchSize": 1})
    stacks.create(name, first)
    made = stacks.resources(name)
    second = template(reader, mapping={"BatchSize": 1})
    second["Resources"]["Reader"]["Properties"]["Description"] = "another release"
    second["Resources"]["Second"] = resource("AWS::Lambda::Version", FunctionName=ref("Reader"), Description="2")
    second["Resources"]["Live"]["Properties"]["RoutingConfig"] = {
        "AdditionalVersionWeights": [{"FunctionVersion": arn("Second", "Version"), "FunctionWeight": 0.5}]
    }
    assert stacks.update(name, second) == "UPDATE_COMPLETE"
    send(client, made["Queue"], *map(str, range(40)))
    until(lambda: len(reader.entries()) >= 40)
    assert {entry["version"] for entry in reader.entries()} == {"1", "2"}
    assert {entry["arn"].rpartition(":")[2] for entry in reader.entries()} == {"live"}


def test_order_is_kept(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Messages of a group of a FIFO queue arrive one after another."""
    queue = {"FifoQueue": True, "ContentBasedDeduplication": True}
    stacks.create(name, template(reader, mapping={"BatchSize": 1}, queue=queue))
    send(client, stacks.resources(name)["Queue"], *map(str, range(8)), MessageGroupId="one")
    until(lambda: len(reader.entries()) >= 8)
    assert [body for batch in bodies(reader) for body in batch] == [str(number) for number in range(8)]
    assert reader.events()[0]["Records"][0]["attributes"]["MessageGroupId"] == "one"


def test_no_more_batches_at_once_than_allowed(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """``MaximumConcurrency`` bounds how many run at the same time."""
    code = """import json, os, time
def handler(event, context):
    line = {"arn": "", "version": "", "event": [time.time()]}
    time.sleep(0.2)
    line["event"].append(time.time())
    with open(os.environ["DIARY"], "a") as diary:
        diary.write(json.dumps(line) + "\\n")
"""
    mapping = {"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}}
    stacks.create(name, template(reader, mapping=mapping, code=code))
    send(client, stacks.resources(name)["Queue"], *map(str, range(8)))
    until(lambda: len(reader.entries()) >= 8)
    spans = reader.events()
    assert max(sum(begin <= start < end for begin, end in spans) for start, _ in spans) <= 2


@pytest.mark.parametrize("lacking", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])
def test_a_mapping_needs_the_roles_permission(stacks: Stacks, name: str, reader: Reader, lacking: str) -> None:
    """Each of the three actions is asked for when the mapping is made."""
    rest = [action for action in MAY_READ["Action"] if action != lacking]
    statements = (allow(rest, arn("Queue")),)
    assert stacks.create(name, template(reader, statements=statements)) == "ROLLBACK_COMPLETE"
    reasons = " ".join(reason for _, _, reason in stacks.events(name))
    assert f"does not have permissions to call {lacking.partition(':')[2]} on SQS" in reasons


def test_a_permission_that_is_taken_away_stops_the_reading(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Messages stay in the queue until the role may read again."""
    stacks.create(name, template(reader))
    made = stacks.resources(name)
    iam = client("iam")
    document = iam.get_role_policy(RoleName=made["Role"], PolicyName="policy")["PolicyDocument"]
    iam.delete_role_policy(RoleName=made["Role"], PolicyName="policy")
    send(client, made["Queue"], "waits")
    mapping = client("lambda").list_event_source_mappings(FunctionName=made["Reader"])["EventSourceMappings"][0]["UUID"]
    until(lambda: "PROBLEM" in client("lambda").get_event_source_mapping(UUID=mapping)["LastProcessingResult"])
    assert not reader.entries()
    iam.put_role_policy(RoleName=made["Role"], PolicyName="policy", PolicyDocument=json.dumps(document))
    until(reader.entries)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"queue": {"VisibilityTimeout": 5}, "Timeout": 10},
            "Queue visibility timeout: 5 seconds is less than Function",
        ),
        ({"mapping": {"BatchSize": 50}}, "Maximum batch window in seconds must be greater than 0"),
        ({"mapping": {"StartingPosition": "LATEST"}}, "StartingPosition is not valid for SQS"),
        ({"mapping": {"FilterCriteria": {"Filters": [{"Pattern": '{"body": "text"}'}]}}}, "Invalid filter pattern"),
    ],
)
def test_what_lambda_refuses_is_refused(
    stacks: Stacks, name: str, reader: Reader, changes: dict[str, Any], reason: str
) -> None:
    """The stack fails with the reason, and nothing stays."""
    assert stacks.create(name, template(reader, **changes)) == "ROLLBACK_COMPLETE"
    assert reason in " ".join(text for _, _, text in stacks.events(name))


def test_a_second_mapping_of_the_same_is_refused(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Lambda names the mapping that exists."""
    stacks.create(name, template(reader))
    made = stacks.resources(name)
    with pytest.raises(ClientError, match=f"already exists.*{made['Mapping']}"):
        client("lambda").create_event_source_mapping(
            EventSourceArn=f"arn:aws:sqs:eu-central-1:000000000000:{made['Queue'].rpartition('/')[2]}",
            FunctionName=made["Live"],
        )


def test_an_update_changes_the_mapping_in_place(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """What a template drops goes back to its default, another alias is taken over, and another queue replaces it."""
    mapping = {
        "BatchSize": 3,
        "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]},
        "Tags": [{"Key": "team", "Value": "orders"}],
        "MetricsConfig": {"Metrics": ["EventCount"]},
    }
    stacks.create(name, template(reader, mapping=mapping))
    before = stacks.resources(name)["Mapping"]
    found = client("lambda").get_event_source_mapping(UUID=before)
    assert found["MetricsConfig"] == {"Metrics": ["EventCount"]}
    assert client("lambda").list_tags(Resource=found["EventSourceMappingArn"])["Tags"]["team"] == "orders"

    changed = template(reader, mapping={"Enabled": False})
    changed["Resources"]["Other"] = resource(
        "AWS::Lambda::Alias", FunctionName=ref("Reader"), FunctionVersion=arn("Version", "Version"), Name="other"
    )
    changed["Resources"]["Mapping"]["Properties"]["FunctionName"] = ref("Other")
    assert stacks.update(name, changed) == "UPDATE_COMPLETE"
    found = client("lambda").get_event_source_mapping(UUID=before)
    assert (found["BatchSize"], found["State"], found.get("FilterCriteria") or {}) == (10, "Disabled", {})
    assert found["FunctionArn"].endswith(":other")

    changed["Resources"]["Second"] = resource("AWS::SQS::Queue")
    changed["Resources"]["Mapping"]["Properties"]["EventSourceArn"] = arn("Second")
    changed["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = "*"
    assert stacks.update(name, changed) == "UPDATE_COMPLETE"
    assert stacks.resources(name)["Mapping"] != before
