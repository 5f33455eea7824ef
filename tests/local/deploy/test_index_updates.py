"""Several index changes: the embedded AWS refuses them in one update, as DynamoDB does; a deploy makes several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.engine.deployment import deployment_of
from tapgen.events import ChangesPlanned, Noted
from tests.local.deploy.service import queue

if TYPE_CHECKING:
    from tapgen.ledger.record import Record
    from tests.local.conftest import Stacks
    from tests.local.deploy.service import Service


def _table(name: str, *indexes: str) -> dict[str, Any]:
    """A table with an index for each of these attributes."""
    attributes = [{"AttributeName": key, "AttributeType": "S"} for key in ("id", *indexes)]
    listed = [
        {
            "IndexName": f"by-{key}",
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        for key in indexes
    ]
    properties: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": attributes,
    }
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": properties | ({"GlobalSecondaryIndexes": listed} if listed else {}),
    }


@pytest.fixture(name="tables")
def _tables(service: Service) -> Service:
    """The service with a table that has one index and one item."""
    _index(service, "a")
    service.deploy()
    client = service.aws.client("dynamodb")
    client.put_item(TableName=f"{service.name}-t", Item={key: {"S": "1"} for key in ("id", "a", "b", "c", "d")})
    return service


def _index(service: Service, *indexes: str) -> None:
    """Another edition of the service: these indexes, and code that goes with them."""
    service.resources["Data"]["Table"] = _table(f"{service.name}-t", *indexes)
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=len(indexes) + 1)


def _found(service: Service) -> list[str]:
    table = service.aws.client("dynamodb").describe_table(TableName=f"{service.name}-t")["Table"]
    return sorted(index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ()))


def _code(service: Service) -> str:
    client = service.aws.client("sqs")
    url = client.get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    return client.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"][
        "VisibilityTimeout"
    ]


def _records(service: Service) -> tuple[Record, ...]:
    return deployment_of(service.render()).ledger(service.context).read_all()


def test_one_update_with_several_index_changes_is_refused(stacks: Stacks, name: str) -> None:
    """DynamoDB's own words, before anything is changed; one at a time goes, and so does the rollback of one."""
    stacks.create(name, {"Resources": {"Table": _table(f"{name}-t")}})

    assert stacks.update(name, {"Resources": {"Table": _table(f"{name}-t", "a", "b")}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert any("more than one GSI creation or deletion" in reason for *_, reason in stacks.events(name))
    assert stacks.update(name, {"Resources": {"Table": _table(f"{name}-t", "a")}}) == "UPDATE_COMPLETE"


def test_a_deploy_changes_one_index_after_the_other(tables: Service) -> None:
    """Each update is shown and recorded; the code changes when its indexes are there and the old ones still are."""
    _index(tables, "b", "c", "d")
    tables.events.clear()
    seen: list[tuple[str, list[str]]] = []

    def look(_: object) -> bool:
        seen.append((_code(tables), _found(tables)))
        return True

    result = tables.deploy(confirm=look)

    assert (result.status, result.release_id) == ("done", tables.render().release_id)
    assert _found(tables) == ["by-b", "by-c", "by-d"]
    assert seen == [
        ("2", ["by-a"]),
        ("2", ["by-a", "by-b"]),
        ("2", ["by-a", "by-b", "by-c"]),
        ("4", ["by-a", "by-b", "by-c", "by-d"]),
    ]
    assert len(tables.seen(ChangesPlanned)) == 4
    assert next(note.text for note in tables.seen(Noted)) == "update 1 of 4: Data.Table: create index by-b"
    steps = [record.intent.step and record.intent.step.of for record in _records(tables)]
    assert steps == [None, *[result.release_id] * 3, None]
    assert all(record.succeeded for record in _records(tables))
    assert _records(tables)[1].intent.artifacts == _records(tables)[0].intent.artifacts
    assert tables.aws.client("dynamodb").scan(TableName=f"{tables.name}-t")["Count"] == 1
    assert tables.deploy().status == "unchanged"


def test_what_was_left_half_way_goes_on_and_goes_back(tables: Service) -> None:
    """Declined after the first update, or left while it runs: the next deploy does the rest; a rollback undoes all."""
    _index(tables, "a", "b", "c", "d")
    answers = iter([True, False])
    assert tables.deploy(confirm=lambda _: next(answers)).status == "declined"
    assert (_found(tables), _code(tables)) == (["by-a", "by-b"], "2")

    assert tables.deploy(detach=True).status == "started"
    assert tables.deploy().status == "done"
    assert (_found(tables), _code(tables)) == (["by-a", "by-b", "by-c", "by-d"], "5")
    assert tables.deploy().status == "unchanged"

    options: dict[str, Any] = {"confirm": lambda _: True, "confirm_stop": lambda: True}
    rollback(tables.context, RollbackRequest(deployment=deployment_of(tables.render()), **options))

    assert (_found(tables), _code(tables)) == (["by-a"], "2")
    assert _records(tables)[-1].release_id == _records(tables)[0].release_id
