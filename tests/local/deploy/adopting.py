"""One adoption of the small service in a process of its own, which may kill itself at a call: ``python -m … JSON``."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.aws.session import Aws, Target
from tapgen.deploy.adoption.adopt import AdoptRequest, adopt
from tapgen.deploy.request import DeployRequest
from tests.local.deploy.service import REGION, Service, queue

if TYPE_CHECKING:
    from tapgen.events import Result

_CHANGES = {"CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "DeleteStack"}
_KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def make_shop(aws: Aws, folder: Path, name: str) -> Service:
    """A service that keeps its data, in two nested stacks; the same everywhere."""
    document = {"Version": "2012-10-17", "Statement": [_denial(f"{name}-archive")]}
    data: dict[str, Any] = {
        "OrdersTable": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": f"{name}-orders",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        "ArchiveBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": f"{name}-archive",
                "VersioningConfiguration": {"Status": "Enabled"},
                "LifecycleConfiguration": {"Rules": [{"Id": "E", "Status": "Enabled", "ExpirationInDays": 30}]},
            },
        },
        "ArchivePolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "DependsOn": "ArchiveBucket",
            "Properties": {"Bucket": f"{name}-archive", "PolicyDocument": document},
        },
        "JobsQueue": queue(f"{name}-jobs", VisibilityTimeout=45),
        "NewsTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{name}-news"}},
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}, "EnableKeyRotation": True},
        },
    }
    logs: dict[str, Any] = {
        "AccessLogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": f"/{name}/access", "RetentionInDays": 30},
        }
    }
    for resource in (*data.values(), *logs.values()):
        resource.update(_KEPT)
    return Service(
        aws=aws,
        folder=folder,
        name=name,
        resources={"Data": data, "Compute": {"Work": queue(f"{name}-work"), **logs}},
    )


def adopt_parts(service: Service, *assignments: str, confirmed: bool = True) -> Result:
    """Adopt into what is rendered now."""
    release = DeployRequest(rendered=service.render(), confirm=lambda _: True)
    request = AdoptRequest(release=release, assignments=assignments, confirm=lambda: confirmed)
    return adopt(service.context, request)


def _denial(bucket: str) -> dict[str, Any]:
    return {
        "Sid": "No",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:Put*",
        "Resource": f"arn:aws:s3:::{bucket}/x",
    }


def _die_at(aws: Aws, position: int) -> None:
    """Die before the stacks are changed for the so-manieth time."""
    calls: list[str] = []

    def before(model: Any, **_: Any) -> None:
        if model.name in _CHANGES:
            calls.append(model.name)
            if len(calls) == position:
                os.kill(os.getpid(), signal.SIGKILL)

    aws.client("cloudformation").meta.events.register("before-call.*", before)


def main(order: dict[str, Any]) -> None:
    """Adopt, or die on the way."""
    target = Target(
        region=REGION, endpoint_url=order["endpoint"], access_key_id=order["key"], secret_access_key=order["secret"]
    )
    aws = Aws(target)
    _die_at(aws, order["kill_at"])
    adopt_parts(make_shop(aws, Path(order["folder"]), order["name"]), *order["assignments"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
