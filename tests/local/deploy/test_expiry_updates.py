"""Another expiry of a table: the embedded AWS takes it as DynamoDB does, a deploy makes the updates that it needs."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.session import Aws, Target
from tapgen.errors import DeploymentError, RefusedError
from tapgen.events import Noted
from tapgen.gates.allowances import Allowances
from tapgen.local.server import LocalAws
from tests.local.deploy.service import REGION, Service, broken, queue
from tests.local.extension.conftest import start
from tests.local.extension.templates import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MINUTE_S = 0.01
ALLOWED = Allowances(replace=("Data.Table",))


@pytest.fixture(scope="module")
def quick_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """An embedded AWS in which an hour takes less than a second."""
    aws = start(tmp_path_factory.mktemp("quick-aws"), str(MINUTE_S))
    credentials = LocalAws.credentials()
    yield Aws(
        Target(
            region=REGION,
            endpoint_url=aws.status().endpoint_url,
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key,
        )
    )
    aws.stop()


@pytest.fixture(name="shop")
def _shop(quick_aws: Aws, tmp_path: Path) -> Service:
    """A service with a table that does not expire."""
    name = f"shop-{uuid.uuid4().hex[:8]}"
    made = Service(aws=quick_aws, folder=tmp_path, name=name, resources={"Data": {}, "Compute": {}}, minute_s=MINUTE_S)
    made.create_bucket()
    _expire(made, None, code=1)
    made.deploy()
    return made


def _expire(service: Service, attribute: str | None, *, code: int) -> None:
    """Another edition of the service: items expire by this attribute, and code goes with it."""
    expiry = {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": True}} if attribute else {}
    service.resources["Data"]["Table"] = table(f"{service.name}-t", **expiry)
    service.resources["Compute"] = {"Jobs": queue(f"{service.name}-jobs", VisibilityTimeout=code)}


def _found(service: Service) -> tuple[str, str]:
    """What items expire by, and the code."""
    found = service.aws.client("dynamodb").describe_time_to_live(TableName=f"{service.name}-t")
    setting: dict[str, Any] = dict(found["TimeToLiveDescription"])
    sqs = service.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    code = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    active = setting["TimeToLiveStatus"] == "ENABLED"
    return setting["AttributeName"] if active else "", code["VisibilityTimeout"]


def test_a_deploy_takes_a_table_from_one_attribute_to_another(shop: Service) -> None:
    """The code first, then off, then on; taking it away is two updates more. Each is a record of its own."""
    _expire(shop, "a", code=2)
    assert shop.deploy(allowances=ALLOWED).status == "done"
    assert _found(shop) == ("a", "2")
    shop.context.clock.sleep(60 * MINUTE_S)

    seen: list[tuple[str, str]] = []

    def look(_: object) -> bool:
        seen.append(_found(shop))
        return True

    _expire(shop, "b", code=3)
    shop.events.clear()
    result = shop.deploy(allowances=ALLOWED, confirm=look)
    assert result.status == "done"
    assert seen == [("a", "2"), ("a", "3"), ("", "3")]
    assert _found(shop) == ("b", "3")
    texts = [note.text for note in shop.seen(Noted) if note.text.startswith("update")]
    assert texts[1:] == [
        "update 2 of 3: Data.Table: nothing expires any more by a",
        "update 3 of 3: Data.Table: items expire by b",
    ]

    shop.context.clock.sleep(60 * MINUTE_S)
    _expire(shop, None, code=3)
    assert shop.deploy().status == "done"
    assert _found(shop) == ("", "3")
    assert shop.deploy().status == "unchanged"


def test_nothing_begins_that_would_not_be_allowed_to_end(shop: Service) -> None:
    """Items that would expire are told before the first of the updates, not after it."""
    _expire(shop, "a", code=2)
    with pytest.raises(RefusedError, match="would lose data") as refused:
        shop.deploy()
    assert "Data.Table" in str(refused.value.why)
    assert _found(shop) == ("", "1")


def test_a_failure_leaves_the_expiry_as_it_was(shop: Service) -> None:
    """In one update with the code it could not be rolled back: DynamoDB takes one change an hour."""
    _expire(shop, "a", code=2)
    shop.resources["Compute"]["Broken"] = broken()
    with pytest.raises(DeploymentError):
        shop.deploy(allowances=ALLOWED)
    root = shop.aws.client("cloudformation").describe_stacks(StackName=shop.name)["Stacks"][0]
    assert root["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert _found(shop) == ("", "1")


def test_another_view_of_a_stream_is_asked_for(shop: Service) -> None:
    """Its readers would get no images; with the name it goes."""
    stream = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    shop.resources["Data"]["Table"]["Properties"]["StreamSpecification"] = stream
    assert shop.deploy().status == "done"
    stream["StreamViewType"] = "KEYS_ONLY"
    with pytest.raises(RefusedError) as refused:
        shop.deploy()
    assert "whose records have no new and no old images" in str(refused.value.why)
    assert shop.deploy(allowances=ALLOWED).status == "done"
