"""What ``calls`` looks at: one resource of each kind, made by boto3 alone, the same on every control plane."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.local.deploy.service import REGION

if TYPE_CHECKING:
    from tapgen.aws.session import Aws

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "codedeploy.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
_READING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}],
}
_HANDLER = "def handle(event, context):\n    return event\n"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Names, ids and ARNs."""

    account_id: str
    bucket: str
    table: str
    stream_arn: str
    sequence_number: str
    queue: str
    queue_url: str
    topic_arn: str
    log_group: str
    role: str
    role_arn: str
    function: str
    versions: tuple[str, str]
    key_id: str
    dashboard: str
    alarm: str
    application: str
    group: str
    deployment_id: str
    """Empty where CodeDeploy made none."""


def make_subject(aws: Aws, name: str) -> Subject:
    """Make one of each, named after ``name``."""
    account_id = aws.account_id()
    role_arn = _make_role(aws, f"{name}-role")
    versions = _make_function(aws, f"{name}-api", role_arn)
    stream_arn = _make_table(aws, f"{name}-orders")
    bucket = f"{name}-reports"
    aws.client("s3").create_bucket(
        Bucket=bucket,
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectOwnership="BucketOwnerEnforced",
        ObjectLockEnabledForBucket=True,
    )
    _configure_bucket(aws, bucket)
    queue_url = aws.client("sqs").create_queue(QueueName=f"{name}-jobs")["QueueUrl"]
    topic_arn = aws.client("sns").create_topic(Name=f"{name}-news")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic_arn, Protocol="email", Endpoint="ada@example.com")
    _write_log(aws, f"/aws/lambda/{name}-api")
    _make_alarm(aws, f"{name}-errors", f"{name}-api")
    deployment_id = _start_shift(aws, name, role_arn, versions)
    return Subject(
        account_id=account_id,
        bucket=bucket,
        table=f"{name}-orders",
        stream_arn=stream_arn,
        sequence_number=_first_number(aws, stream_arn),
        queue=f"{name}-jobs",
        queue_url=queue_url,
        topic_arn=topic_arn,
        log_group=f"/aws/lambda/{name}-api",
        role=f"{name}-role",
        role_arn=role_arn,
        function=f"{name}-api",
        versions=versions,
        key_id=aws.client("kms").create_key(Description=name)["KeyMetadata"]["KeyId"],
        dashboard=f"{name}-board",
        alarm=f"{name}-errors",
        application=name,
        group="api",
        deployment_id=deployment_id,
    )


def _configure_bucket(aws: Aws, bucket: str) -> None:
    """Everything that a bucket can be asked about, and one object."""
    client = aws.client("s3")
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    lifecycle: Any = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "daily/"}, "Expiration": {"Days": 400}}
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [lifecycle]})
    closed = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=closed)  # type: ignore[arg-type]  # by name
    arn = f"arn:aws:s3:::{bucket}/*"
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    # On a prefix that nobody reads here: no control plane of the peers speaks TLS.
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"{arn}-tls", "Condition": plain}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    client.put_object(Bucket=bucket, Key="daily/1", Body=b"{}")


def _make_role(aws: Aws, role: str) -> str:
    client = aws.client("iam")
    arn = client.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    client.put_role_policy(RoleName=role, PolicyName="reading", PolicyDocument=json.dumps(_READING))
    policy = client.create_policy(PolicyName=f"{role}-managed", PolicyDocument=json.dumps(_READING))["Policy"]["Arn"]
    client.attach_role_policy(RoleName=role, PolicyArn=policy)
    return arn


def _make_function(aws: Aws, function: str, role_arn: str) -> tuple[str, str]:
    """Two published versions and the alias ``live``, which invokes the older one."""
    client = aws.client("lambda")
    client.create_function(
        FunctionName=function,
        Runtime="python3.13",
        Role=role_arn,
        Handler="app.handle",
        Code={"ZipFile": _zipped(_HANDLER)},
    )
    first = client.publish_version(FunctionName=function)["Version"]
    client.update_function_code(FunctionName=function, ZipFile=_zipped(f"{_HANDLER}# again\n"))
    second = client.publish_version(FunctionName=function)["Version"]
    client.create_alias(FunctionName=function, Name="live", FunctionVersion=first)
    return first, second


def _zipped(source: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
    return content.getvalue()


def _make_table(aws: Aws, table: str) -> str:
    """A table with a stream and one item; the stream's ARN."""
    client = aws.client("dynamodb")
    made = client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    client.put_item(TableName=table, Item={"id": {"S": "one"}})
    return made["LatestStreamArn"]


def _first_number(aws: Aws, stream_arn: str) -> str:
    client = aws.client("dynamodbstreams")
    (shard,) = client.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"][:1]
    iterator = client.get_shard_iterator(
        StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    number: str = client.get_records(ShardIterator=iterator)["Records"][0]["dynamodb"]["SequenceNumber"]
    return number


def _write_log(aws: Aws, group: str) -> None:
    client = aws.client("logs")
    client.create_log_group(logGroupName=group)
    stream = "2026/11/24/[2]5f1d8c2e"
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    event: Any = {"timestamp": int(time.time() * 1000), "message": '{"level": "ERROR", "message": "no such order"}'}
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


def _make_alarm(aws: Aws, alarm: str, function: str) -> None:
    client = aws.client("cloudwatch")
    dimensions: Any = [{"Name": "FunctionName", "Value": function}]
    client.put_metric_data(
        Namespace="AWS/Lambda", MetricData=[{"MetricName": "Errors", "Dimensions": dimensions, "Value": 1.0}]
    )
    client.put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=dimensions,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1000.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    board = {"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 2, "properties": {"markdown": "hi"}}]}
    client.put_dashboard(DashboardName=f"{alarm.removesuffix('-errors')}-board", DashboardBody=json.dumps(board))


def _start_shift(aws: Aws, name: str, role_arn: str, versions: tuple[str, str]) -> str:
    """A deployment of the second version; empty where the control plane makes none for Lambda."""
    client: Any = aws.client("codedeploy")
    client.create_application(applicationName=name, computePlatform="Lambda")
    client.create_deployment_group(
        applicationName=name,
        deploymentGroupName="api",
        serviceRoleArn=role_arn,
        deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent5Minutes",
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        alarmConfiguration={"enabled": True, "alarms": [{"name": f"{name}-errors"}]},
    )
    old, new = versions
    properties = {"Name": f"{name}-api", "Alias": "live", "CurrentVersion": old, "TargetVersion": new}
    spec = {"version": 0.0, "Resources": [{"api": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    content = {"content": json.dumps(spec)}
    try:
        made: str = client.create_deployment(
            applicationName=name,
            deploymentGroupName="api",
            revision={"revisionType": "AppSpecContent", "appSpecContent": content},
        )["deploymentId"]
    except ClientError:
        return ""
    return made
