"""Messages of a queue's own dead letters, on the embedded SQS: they go back to their queue as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.session import Aws, Target
from tapgen.deploy.redrive import RedriveRequest, redrive
from tapgen.errors import UsageError
from tests.local.conftest import REGION

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory

ACCOUNT = "000000000000"


def _aws(local_aws: LocalStatus) -> Aws:
    return Aws(
        Target(
            region=REGION,
            endpoint_url=local_aws.endpoint_url,
            access_key_id=ACCOUNT,
            secret_access_key="test",  # noqa: S106
        )
    )


def _request(name: str, *, dry_run: bool = False, suffix: str = "") -> RedriveRequest:
    return RedriveRequest(
        environment="local",
        account_id=ACCOUNT,
        queue=f"{name}-letters{suffix}",
        source_queue=f"{name}{suffix}",
        dry_run=dry_run,
    )


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    ).get("Messages", [])
    return found


def test_messages_go_back_with_what_their_sender_attached(local_aws: LocalStatus, client: ClientFactory) -> None:
    """A dry run leaves them; then they are in their queue and nowhere else."""
    sqs = client("sqs")
    queue, letters = (sqs.create_queue(QueueName=f"jobs{suffix}")["QueueUrl"] for suffix in ("", "-letters"))
    for number in range(12):
        attributes = {"trace": {"DataType": "String", "StringValue": str(number)}}
        sqs.send_message(QueueUrl=letters, MessageBody=f"job {number}", MessageAttributes=attributes)

    found = redrive(_aws(local_aws), _request("jobs", dry_run=True))
    assert [item.outcome for item in found] == ["found"] * 12
    assert _receive(sqs, queue) == []

    done = redrive(_aws(local_aws), _request("jobs"))

    assert [item.outcome for item in done] == ["redriven"] * 12
    assert redrive(_aws(local_aws), _request("jobs")) == []
    back = [*_receive(sqs, queue), *_receive(sqs, queue)]
    assert sorted(item["Body"] for item in back) == sorted(f"job {number}" for number in range(12))
    assert all(item["Body"].endswith(item["MessageAttributes"]["trace"]["StringValue"]) for item in back)


def test_messages_of_a_fifo_queue_keep_their_group(local_aws: LocalStatus, client: ClientFactory) -> None:
    """Without it SQS would refuse them."""
    sqs, fifo = client("sqs"), {"FifoQueue": "true"}
    queue, letters = (
        sqs.create_queue(QueueName=f"orders{suffix}.fifo", Attributes=fifo)["QueueUrl"] for suffix in ("", "-letters")
    )
    sqs.send_message(QueueUrl=letters, MessageBody="a", MessageGroupId="ada", MessageDeduplicationId="1")

    (done,) = redrive(_aws(local_aws), _request("orders", suffix=".fifo"))

    assert done.outcome == "redriven"
    (back,) = _receive(sqs, queue)
    assert back["Attributes"]["MessageGroupId"] == "ada"


def test_queue_that_does_not_exist_is_told(local_aws: LocalStatus) -> None:
    """By its name, and what to look at."""
    with pytest.raises(UsageError, match="there is no queue absent-letters"):
        redrive(_aws(local_aws), _request("absent"))
