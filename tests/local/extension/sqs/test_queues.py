"""Queues of templates: their attributes, their policies, their dead letters, what an update changes and replaces."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.deliveries import allow, arn, policy, receive, ref, resource

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

QUEUE = "AWS::SQS::Queue"


def attributes(client: ClientFactory, url: str) -> dict[str, str]:
    found: dict[str, str] = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found


def user(client: ClientFactory, name: str, *statements: dict[str, Any]) -> tuple[str, str]:
    """A user with one policy; its access key."""
    iam = client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=json.dumps(policy(*statements)))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_a_queue_has_what_its_template_says(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Standard and FIFO queues with redrive policy, encryption and deduplication."""
    template = {
        "Dead": resource(QUEUE, MessageRetentionPeriod=1209600, SqsManagedSseEnabled=True),
        "Queue": resource(
            QUEUE,
            VisibilityTimeout=90,
            KmsMasterKeyId="alias/aws/sqs",
            RedrivePolicy={"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 3},
        ),
        "Ordered": resource(
            QUEUE,
            FifoQueue=True,
            ContentBasedDeduplication=True,
            DeduplicationScope="messageGroup",
            FifoThroughputLimit="perMessageGroupId",
        ),
    }
    assert stacks.create(name, {"Resources": template}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    queue, ordered = attributes(client, made["Queue"]), attributes(client, made["Ordered"])
    assert queue["VisibilityTimeout"] == "90"
    assert queue["KmsMasterKeyId"] == "alias/aws/sqs"
    assert json.loads(queue["RedrivePolicy"])["maxReceiveCount"] == 3
    assert attributes(client, made["Dead"])["SqsManagedSseEnabled"] == "true"
    assert made["Ordered"].endswith(".fifo")
    assert (ordered["FifoQueue"], ordered["DeduplicationScope"]) == ("true", "messageGroup")


def test_an_update_keeps_the_messages_and_a_rename_replaces(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Attributes change in place; a name is another queue, and the old one goes."""
    stacks.create(name, {"Resources": {"Queue": resource(QUEUE, QueueName=name)}})
    url = stacks.resources(name)["Queue"]
    client("sqs").send_message(QueueUrl=url, MessageBody="kept")
    assert stacks.update(name, {"Resources": {"Queue": resource(QUEUE, QueueName=name, VisibilityTimeout=5)}})
    assert attributes(client, url)["ApproximateNumberOfMessages"] == "1"
    assert attributes(client, url)["VisibilityTimeout"] == "5"

    renamed = {"Resources": {"Queue": resource(QUEUE, QueueName=f"{name}-2")}}
    change_set = client("cloudformation").create_change_set(
        StackName=name, ChangeSetName="rename", TemplateBody=json.dumps(renamed)
    )
    (change,) = client("cloudformation").describe_change_set(ChangeSetName=change_set["Id"])["Changes"]
    assert change["ResourceChange"]["Replacement"] == "True"
    assert stacks.update(name, renamed) == "UPDATE_COMPLETE"
    assert stacks.resources(name)["Queue"].endswith(f"{name}-2")
    with pytest.raises(ClientError, match="NonExistentQueue"):
        attributes(client, url)


def test_a_queue_is_never_taken_over(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A stack whose queue exists already fails, and the queue keeps its messages."""
    url = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody="kept")
    assert stacks.create(name, {"Resources": {"Queue": resource(QUEUE, QueueName=name)}}) == "ROLLBACK_COMPLETE"
    assert any("already exists" in reason for _, _, reason in stacks.events(name))
    assert len(receive(client("sqs"), url)) == 1


def test_a_queue_policy_denies(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A statement that denies wins over what the user's policy allows; what it does not name stays allowed."""
    statement = allow("sqs:SendMessage", arn("Queue"), Principal="*") | {"Effect": "Deny"}
    template = {
        "Queue": resource(QUEUE),
        "Policy": resource("AWS::SQS::QueuePolicy", Queues=[ref("Queue")], PolicyDocument=policy(statement)),
    }
    stacks.create(name, {"Resources": template})
    url = stacks.resources(name)["Queue"]
    sqs = client("sqs", credentials=user(client, name, allow("sqs:*", "*")))
    with pytest.raises(ClientError, match=r"explicit deny|AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="no")
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]


@pytest.mark.parametrize(
    "allowed", [{"redrivePermission": "denyAll"}, {"redrivePermission": "byQueue", "others": True}]
)
def test_dead_letters_need_the_other_queue_to_allow_them(
    stacks: Stacks, client: ClientFactory, name: str, allowed: dict[str, Any]
) -> None:
    """``denyAll`` and a list without the queue refuse it, in a template and in a request."""
    if allowed.pop("others", False):
        allowed["sourceQueueArns"] = [{"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:some-other-queue"}]
    dead = resource(QUEUE, RedriveAllowPolicy=allowed)
    redrive = {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 1}
    template = {"Resources": {"Dead": dead, "Queue": resource(QUEUE, RedrivePolicy=redrive)}}
    assert stacks.create(name, template) == "ROLLBACK_COMPLETE"
    assert any("RedrivePolicy" in reason for _, _, reason in stacks.events(name))

    assert stacks.create(f"{name}-2", {"Resources": {"Dead": dead}}) == "CREATE_COMPLETE"
    target = attributes(client, stacks.resources(f"{name}-2")["Dead"])["QueueArn"]
    with pytest.raises(ClientError, match="RedrivePolicy"):
        client("sqs").create_queue(
            QueueName=f"{name}-3",
            Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": "1"})},
        )


def dead_letters(stacks: Stacks, client: ClientFactory, name: str, *, count: int) -> tuple[str, str, str]:
    """A queue whose messages have all died; its URL, that of the dead letters and their ARN."""
    redrive = {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 1}
    source = {"Fn::Sub": f"arn:aws:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{name}"}
    template = {
        "Dead": resource(QUEUE, RedriveAllowPolicy={"redrivePermission": "byQueue", "sourceQueueArns": [source]}),
        "Queue": resource(QUEUE, QueueName=name, RedrivePolicy=redrive),
    }
    assert stacks.create(name, {"Resources": template}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    sqs = client("sqs")
    for number in range(count):
        sqs.send_message(QueueUrl=made["Queue"], MessageBody=str(number))
    while receive(sqs, made["Queue"]):
        time.sleep(0.01)
    return made["Queue"], made["Dead"], attributes(client, made["Dead"])["QueueArn"]


def test_dead_letters_are_moved_back(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """They go to the queue that they came from, with ids of their own, and the task says how many."""
    sqs = client("sqs")
    url, dead_url, dead_arn = dead_letters(stacks, client, name, count=3)
    before = {message["MessageId"] for message in receive(sqs, dead_url)}
    sqs.start_message_move_task(SourceArn=dead_arn)
    until(lambda: attributes(client, url)["ApproximateNumberOfMessages"] == "3")
    until(lambda: sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0]["Status"] == "COMPLETED")

    (task,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (3, 3)
    moved = receive(sqs, url)
    assert sorted(message["Body"] for message in moved) == ["0", "1", "2"]
    assert before.isdisjoint(message["MessageId"] for message in moved)
    assert not receive(sqs, dead_url)


def test_a_move_is_one_at_a_time_and_can_be_cancelled(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A second task is refused while one runs; the rest stays where it is after a cancellation."""
    sqs = client("sqs")
    _, dead_url, dead_arn = dead_letters(stacks, client, name, count=5)
    handle = sqs.start_message_move_task(SourceArn=dead_arn, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    with pytest.raises(ClientError, match="already a task running"):
        sqs.start_message_move_task(SourceArn=dead_arn)
    sqs.cancel_message_move_task(TaskHandle=handle)
    assert sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0]["Status"] == "CANCELLED"
    assert receive(sqs, dead_url)


def test_a_move_needs_both_queues(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Starting it is not enough: the caller must be allowed to read the one queue and to send to the other."""
    url, _, dead_arn = dead_letters(stacks, client, name, count=1)
    target = attributes(client, url)["QueueArn"]
    reading = ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    alone = client("sqs", credentials=user(client, f"{name}-a", allow(reading, dead_arn)))
    with pytest.raises(ClientError, match="not authorized to perform: sqs:SendMessage"):
        alone.start_message_move_task(SourceArn=dead_arn)
    statements = (allow(reading, dead_arn), allow("sqs:SendMessage", target))
    both = client("sqs", credentials=user(client, f"{name}-b", *statements))
    assert both.start_message_move_task(SourceArn=dead_arn)["TaskHandle"]


def test_only_dead_letters_are_moved(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A queue that nobody names for dead letters is refused."""
    stacks.create(name, {"Resources": {"Queue": resource(QUEUE)}})
    source = attributes(client, stacks.resources(name)["Queue"])["QueueArn"]
    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        client("sqs").start_message_move_task(SourceArn=source)
