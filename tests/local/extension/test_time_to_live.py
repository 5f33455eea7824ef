"""Time to live: what has expired goes, what has not stays, and the stream says who did it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.local.extension.conftest import until

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory


def test_expired_items_are_deleted_by_the_service(client: ClientFactory, name: str) -> None:
    """A number in the past, and nothing else, is an expiry; the deletion's record has the service as its user."""
    dynamodb, streams = client("dynamodb"), client("dynamodbstreams")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )
    now = int(time.time())
    values = {
        "past": {"N": str(now - 10)},
        "future": {"N": str(now + 3600)},
        "ancient": {"N": str(now - 6 * 365 * 86_400)},
        "text": {"S": str(now - 10)},
    }
    for item, expiry in values.items():
        dynamodb.put_item(TableName=name, Item={"id": {"S": item}, "expiresAt": expiry})

    until(lambda: "Item" not in dynamodb.get_item(TableName=name, Key={"id": {"S": "past"}}))

    left = {item["id"]["S"] for item in dynamodb.scan(TableName=name)["Items"]}
    assert left == {"future", "ancient", "text"}
    arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    (removed,) = [record for record in records if record["eventName"] == "REMOVE"]
    assert removed["dynamodb"]["OldImage"]["id"] == {"S": "past"}
    # Its members have the names that Lambda delivers, which the SDK does not read; other records have none of it.
    assert "userIdentity" in removed
    assert all("userIdentity" not in record for record in records if record is not removed)
