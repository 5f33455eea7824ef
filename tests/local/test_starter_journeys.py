"""The journeys that starters bring, walked against the starters' own handlers and real tables."""

from __future__ import annotations

import importlib.util
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.journey.gateway import InvokeTransport
from tapgen.journey.steps import PURPOSES
from tapgen.journey.walker import Course, walk
from tapgen.service.load import load_service
from tapgen.service.tried import tried_of
from tapgen.starters.catalogue import find_starter
from tapgen.starters.writing import write_project
from tests.local.conftest import REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tapgen.local.server import LocalStatus
    from tapgen.service.tried import Tried
    from tests.local.conftest import ClientFactory


@pytest.fixture(name="variables", scope="module")
def _variables(local_aws: LocalStatus, client: ClientFactory) -> Mapping[str, str]:
    """What the grants give the functions, and what they name."""
    dynamodb, sqs = client("dynamodb"), client("sqs")
    dynamodb.create_table(
        TableName="starter-orders",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("customerId", "orderId", "status")
        ],
        KeySchema=[
            {"AttributeName": "customerId", "KeyType": "HASH"},
            {"AttributeName": "orderId", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "orderId", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    dynamodb.create_table(
        TableName="starter-jobs",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "jobId", "AttributeType": "S"},
            {"AttributeName": "status", "AttributeType": "S"},
            {"AttributeName": "takenAt", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "jobId", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "takenAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return {
        "ORDERS_TABLE": "starter-orders",
        "JOBS_TABLE": "starter-jobs",
        "WORK_QUEUE_URL": sqs.create_queue(QueueName="starter-work")["QueueUrl"],
        "AWS_ENDPOINT_URL": local_aws.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def _load_handler(project: Path, tried: Tried) -> Callable[[Any, Any], Any]:
    file = project / "handlers" / tried.function / "app.py"
    spec = importlib.util.spec_from_file_location(f"starter_{tried.function}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    handler: Callable[[Any, Any], Any] = module.handler
    return handler


def _invoke(handler: Callable[[Any, Any], Any], event: Any) -> Any:
    return handler(event, None)


@pytest.mark.parametrize("starter", ["api", "worker"])
def test_journeys_of_a_starter_pass_in_every_walk(
    tmp_path: Path, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, starter: str
) -> None:
    """Nothing fails and no clean-up is left; nobody's journey is a stopgap."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write_project(tmp_path / "shop", find_starter(starter))

    for tried in tried_of(load_service(tmp_path / "shop" / "config")):
        assert not tried.journey.weak
        handler = _load_handler(tmp_path / "shop", tried)
        transport = InvokeTransport(invoke=partial(_invoke, handler), routes=tried.routes)
        for purpose in PURPOSES:
            done = walk(tried.journey, transport, Course(purpose=purpose, user="synthetic:test"))
            assert done.passed, done.failed
            assert not done.left
