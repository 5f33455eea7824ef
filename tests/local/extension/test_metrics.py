"""The metrics that services publish by themselves, with the dimensions that AWS gives them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import client_factory
from tests.local.extension.conftest import start, until
from tests.local.extension.shift_observed import Observed, total
from tests.local.extension.shift_service import Guarded, function, role

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.conftest import ClientFactory, Stacks

FAILS = "def handler(event, context):\n    raise RuntimeError('on purpose')  # %d\n"
STATUS = """def handler(event, context):
    return {"statusCode": int(event["rawPath"].strip("/") or 200), "body": "x"}
"""
SLOW_START = """import time
time.sleep(3)
def handler(event, context):
    return {}
"""
EMBEDDED = """import json
def handler(event, context):
    print(json.dumps({
        "_aws": {
            "Timestamp": event["at"],
            "CloudWatchMetrics": [{
                "Namespace": event["namespace"],
                "Dimensions": [["service"], ["service", "kind"]],
                "Metrics": [{"Name": "Made", "Unit": "Count"}, {"Name": "Took", "Unit": "Milliseconds"}],
            }],
        },
        "service": "shop", "kind": "card", "Made": 2, "Took": [10, 20],
    }))
    print("{ not json _aws")
"""


@pytest.fixture
def service(shift_stacks: Stacks, name: str) -> Guarded:
    guarded = Guarded(name, code=FAILS)
    assert shift_stacks.create(name, guarded.template()) == "CREATE_COMPLETE"
    return guarded


def dimensions(client: ClientFactory, metric: str, name: str) -> list[dict[str, str]]:
    """The sets of dimensions of a Lambda metric that name a function."""
    found = client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="AWS/Lambda", MetricName=metric)
    sets = [
        {dimension["Name"]: dimension["Value"] for dimension in entry["Dimensions"]}
        for page in found
        for entry in page["Metrics"]
    ]
    return [each for each in sets if each.get("FunctionName") == name]


def test_invocations_by_alias_version_and_name(shift_client: ClientFactory, service: Guarded) -> None:
    """ExecutedVersion comes with aliases alone; Resource is never an ARN; every set counts its own invocations."""
    observed, name = Observed(shift_client, service.name), service.name
    for qualifier, times in (("live", 3), ("1", 2), ("$LATEST", 1)):
        for _ in range(times):
            observed.invoke(qualifier)

    alias = {"FunctionName": name, "Resource": f"{name}:live"}
    assert dimensions(shift_client, "Errors", name) == [
        {"FunctionName": name},
        alias,
        {**alias, "ExecutedVersion": "1"},
        {"FunctionName": name, "Resource": f"{name}:1"},
        {"FunctionName": name, "Resource": name},
    ]
    for metric in ("Invocations", "Errors"):
        counted = [total(shift_client, "AWS/Lambda", metric, **each) for each in dimensions(shift_client, metric, name)]
        assert counted == [6, 3, 3, 2, 1]
    assert total(shift_client, "AWS/Lambda", "Duration", **alias) > 0


def test_a_cold_start_is_no_duration(shift_client: ClientFactory, shift_stacks: Stacks, name: str) -> None:
    """What an execution environment takes to start is no part of the function's duration."""
    guarded = Guarded(name, code=SLOW_START)
    assert shift_stacks.create(name, guarded.template()) == "CREATE_COMPLETE"
    Observed(shift_client, name).invoke("live")
    assert 0 < total(shift_client, "AWS/Lambda", "Duration", FunctionName=name) < 3000


def test_asynchronous_invocations_count_when_they_run(shift_client: ClientFactory, service: Guarded) -> None:
    """An Event invocation that fails is an error of the alias it was sent to."""
    shift_client("lambda").invoke(FunctionName=service.name, Qualifier="live", InvocationType="Event")
    alias = {"FunctionName": service.name, "Resource": f"{service.name}:live"}
    until(lambda: total(shift_client, "AWS/Lambda", "Errors", **alias) >= 1)


def test_a_throttled_invocation_is_no_invocation(shift_client: ClientFactory, service: Guarded) -> None:
    """It counts as a throttle and as nothing else."""
    shift_client("lambda").put_function_concurrency(FunctionName=service.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        Observed(shift_client, service.name).invoke("$LATEST")
    assert total(shift_client, "AWS/Lambda", "Throttles", FunctionName=service.name) > 0
    assert total(shift_client, "AWS/Lambda", "Invocations", FunctionName=service.name) == 0


def http_api(name: str) -> dict[str, Any]:
    integration = {
        "ApiId": {"Ref": "Api"},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Ref": "Alias"},
        "PayloadFormatVersion": "2.0",
    }
    return {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": name, "ProtocolType": "HTTP"}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "$default",
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Alias"},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
    }


def call(client: ClientFactory, api_id: str, path: str) -> int:
    """The status with which an HTTP API answers."""
    endpoint = client("lambda").meta.endpoint_url
    host = f"{api_id}.execute-api.localhost"
    request = urllib.request.Request(endpoint + path, headers={"Host": host})  # noqa: S310 - the embedded AWS
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310 - the embedded AWS
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_an_http_api_counts_its_answers(shift_client: ClientFactory, shift_stacks: Stacks, name: str) -> None:
    """Count, 4xx, 5xx and the latencies, for the API and for its stage; and the alias behind it is counted too."""
    template = Guarded(name, code=STATUS).template(**http_api(name))
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    api = shift_stacks.resources(name)["Api"]
    assert [call(shift_client, api, f"/{status}") for status in (200, 404, 503, 500)] == [200, 404, 503, 500]

    for where in ({"ApiId": api}, {"ApiId": api, "Stage": "$default"}):
        counted = {metric: total(shift_client, "AWS/ApiGateway", metric, **where) for metric in ("Count", "4xx", "5xx")}
        assert counted == {"Count": 4, "4xx": 1, "5xx": 2}
        latency = total(shift_client, "AWS/ApiGateway", "Latency", **where)
        assert latency >= total(shift_client, "AWS/ApiGateway", "IntegrationLatency", **where) > 0
    executed = {"FunctionName": name, "Resource": f"{name}:live", "ExecutedVersion": "1"}
    assert total(shift_client, "AWS/Lambda", "Invocations", **executed) == 4
    assert total(shift_client, "AWS/Lambda", "Errors", **executed) == 0


def test_embedded_metrics_in_a_function_s_output(shift_client: ClientFactory, shift_stacks: Stacks, name: str) -> None:
    """What a function prints in embedded metric format becomes metrics, with every set of dimensions it names."""
    template = {"Resources": {"Role": role("lambda.amazonaws.com"), "Made": function(EMBEDDED, FunctionName=name)}}
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    awslambda = shift_client("lambda")
    at = int(shift_stacks.describe(name)["CreationTime"].timestamp() * 1000)
    awslambda.invoke(FunctionName=name, Payload=json.dumps({"namespace": name, "at": at}))
    assert total(shift_client, name, "Made", service="shop") == 2
    assert total(shift_client, name, "Took", service="shop") == 30
    assert total(shift_client, name, "Made", service="shop", kind="card") == 2
    assert total(shift_client, name, "Made") == 0


def test_embedded_metrics_in_put_log_events(shift_client: ClientFactory, name: str) -> None:
    """Any log event in the format counts; one that breaks it is just a log event."""
    logs = shift_client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="one")
    directive = {"Namespace": name, "Dimensions": [[]], "Metrics": [{"Name": "Good"}, {"Name": "Bad"}]}
    event = {"_aws": {"CloudWatchMetrics": [directive]}, "Good": 4, "Bad": "text"}
    messages = [json.dumps(event), '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": [7]}}', "{_aws"]
    now = int(logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["creationTime"])
    events = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=name, logStreamName="one", logEvents=events)
    assert total(shift_client, name, "Good") == 4
    assert total(shift_client, name, "Bad") == 0


def test_queues_publish_their_depth(shift_client: ClientFactory, name: str) -> None:
    """Each minute, without being asked."""
    sqs = shift_client("sqs")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    metric = "ApproximateNumberOfMessagesVisible"
    until(lambda: total(shift_client, "AWS/SQS", metric, QueueName=name) >= 1)


def table(name: str) -> dict[str, Any]:
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }


def test_tables_count_their_requests(shift_client: ClientFactory, name: str) -> None:
    """Successful ones by operation, failed conditions, and wrong requests, which belong to no table."""
    dynamodb = shift_client("dynamodb")
    dynamodb.create_table(**table(name))
    put = {"TableName": name, "Item": {"id": {"S": "1"}}}
    dynamodb.put_item(**put, ReturnConsumedCapacity="TOTAL")
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.put_item(**put, ConditionExpression="attribute_not_exists(id)")
    before = total(shift_client, "AWS/DynamoDB", "UserErrors")
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.put_item(TableName=name, Item={"other": {"S": "1"}})

    assert total(shift_client, "AWS/DynamoDB", "SuccessfulRequestLatency", TableName=name, Operation="PutItem") > 0
    assert total(shift_client, "AWS/DynamoDB", "ConditionalCheckFailedRequests", TableName=name) == 1
    assert total(shift_client, "AWS/DynamoDB", "ConsumedWriteCapacityUnits", TableName=name) == 1
    assert total(shift_client, "AWS/DynamoDB", "UserErrors") == before + 1


def test_a_stream_s_consumer_publishes_its_iterator_age(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str
) -> None:
    """For the alias that the event source mapping names."""
    service = Guarded(name)
    properties = table(name) | {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "FunctionName": {"Ref": "Alias"},
        "StartingPosition": "TRIM_HORIZON",
    }
    template = service.template(
        Table={"Type": "AWS::DynamoDB::Table", "Properties": properties},
        Mapping={"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    )
    reads = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [reads]}
    template["Resources"]["Role"] = role(
        "lambda.amazonaws.com", Policies=[{"PolicyName": "read", "PolicyDocument": document}]
    )
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    shift_client("dynamodb").put_item(TableName=name, Item={"id": {"S": "1"}})
    until(lambda: {"FunctionName": name, "Resource": f"{name}:live"} in dimensions(shift_client, "IteratorAge", name))


def test_old_points_are_merged_and_stay_right(tmp_path: Path, name: str) -> None:
    """Sums survive the merging, and percentiles to three digits; a second merge changes nothing."""
    aws = start(tmp_path, "0.01", save="changes")
    try:
        client = client_factory(aws.status())
        cloudwatch = client("cloudwatch")
        long_ago = datetime.now(UTC) - timedelta(minutes=30)
        data = {"MetricName": "Took", "Timestamp": long_ago}
        values = [{**data, "Value": value} for value in (10.001, 10.002, 20.0, 20.0, 99.0)]
        cloudwatch.put_metric_data(Namespace=name, MetricData=values)
        # Every request is a reason to save, a merge alone is none.
        until(lambda: cloudwatch.list_metrics(Namespace=name) and saved_points(tmp_path, name) == [3])
        assert total(client, name, "Took") == 159.0
        found = cloudwatch.get_metric_statistics(
            Namespace=name,
            MetricName="Took",
            StartTime=long_ago - timedelta(minutes=5),
            EndTime=long_ago + timedelta(minutes=5),
            Period=60,
            Statistics=["SampleCount"],
            ExtendedStatistics=["p50"],
        )["Datapoints"]
        assert [(point["SampleCount"], point["ExtendedStatistics"]["p50"]) for point in found] == [(5.0, 20.0)]
    finally:
        aws.stop()


def saved_points(root: Path, namespace: str) -> list[int]:
    """How many points each saved series of a namespace has."""
    return [
        len(points)
        for file in root.rglob("cloudwatch.json")
        for key, points in json.loads(file.read_text())["payload"]["metrics"]["data"].items()
        if namespace in key
    ]
