"""The handlers in this process, their table and bucket on the embedded AWS."""

from __future__ import annotations

import importlib
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from handlers.api.cursors import Cursors
from handlers.api.operations import Storage
from handlers.api.rules import Rules
from handlers.api.service import Api
from handlers.api.storage import Table
from handlers.common.clients import make_client
from handlers.common.journal import Journal
from tests.local.conftest import REGION, ClientFactory, client, local_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.server import LocalStatus

__all__ = ["client", "local_aws"]

HEALTH = "GET /health"
CREATE = "POST /users/{userId}/transactions"
LIST = "GET /users/{userId}/transactions"
GET = "GET /users/{userId}/transactions/{transactionId}"
REPLACE = "PUT /users/{userId}/transactions/{transactionId}"
DELETE = "DELETE /users/{userId}/transactions/{transactionId}"

EVENTS = Path(__file__).parents[1] / "events"


def read_event(name: str) -> dict[str, Any]:
    """A recorded event as a fresh value."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


@pytest.fixture(scope="session", autouse=True)
def _function_environment(local_aws: LocalStatus) -> Iterator[None]:
    """What Lambda and the template set for a function."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": local_aws.endpoint_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "test",
            "POWERTOOLS_SERVICE_NAME": "transactions-test",
            "POWERTOOLS_METRICS_NAMESPACE": "transactions/test",
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "AUTHORIZATION": "NONE",
            "REQUIRE_IF_MATCH": "false",
            "TTL_ATTRIBUTE": "expiresAt",
            "TABLE_NAME": "transactions-test",
            "ARCHIVE_BUCKET": "archive-test",
            "DEAD_LETTER_QUEUE": "dead-letters-test",
        }.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def table_name(client: ClientFactory) -> str:
    """A table with the template's keys, named as the function's environment says."""
    name = "transactions-test"
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "userId", "AttributeType": "S"},
            {"AttributeName": "transactionId", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "userId", "KeyType": "HASH"},
            {"AttributeName": "transactionId", "KeyType": "RANGE"},
        ],
    )
    return name


@pytest.fixture(scope="session")
def app(table_name: str, _function_environment: None) -> Handler:
    """The API's entry module, initialised as Lambda does it."""
    module: Any = importlib.import_module("handlers.api.app")
    entry: Handler = module
    return entry


def make_api(table: Table, **options: Any) -> Api:
    """An API of its own over a table; ``options`` are its rules, journal and cursors."""
    rules = {"authorization": "NONE"} | {name: options[name] for name in RULES if name in options}
    return Api(
        Storage(table, options.get("cursors") or Cursors(table)),
        Rules(**rules),
        options.get("journal") or Journal("test", "transactions/test", write=lambda _: None),
    )


RULES = ("authorization", "require_if_match")


class Handler(Protocol):
    """Answers events: the entry module, or an API of a test's own."""

    def handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Direct:
    """An API without its entry module."""

    api: Api

    def handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG002 - Lambda's signature
        return self.api.handle(event)


@dataclass(frozen=True)
class Caller:
    """Sends requests to the handler as API Gateway does."""

    app: Handler
    user: str

    def call(self, route: str, **parts: Any) -> tuple[int, Any, dict[str, str]]:
        """One request; answers status, document and headers."""
        event = read_event("http_api_v2")
        event["routeKey"] = event["requestContext"]["routeKey"] = route
        event["pathParameters"] = {"userId": self.user} | parts.pop("path", {})
        event["body"] = (
            json.dumps(parts.pop("body")) if isinstance(parts.get("body"), dict) else parts.pop("body", None)
        )
        event["headers"] |= parts.pop("headers", {})
        event |= parts
        answer = self.app.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"]) if "body" in answer else None, answer["headers"]

    def create(self, **fields: Any) -> dict[str, Any]:
        """A transaction that exists."""
        status, document, _ = self.call("POST /users/{userId}/transactions", body=valid(**fields))
        assert status == 201, document
        created: dict[str, Any] = document
        return created


def valid(**fields: Any) -> dict[str, Any]:
    """A valid body, with some fields replaced."""
    return {"amount": "12.30", "currency": "EUR", "type": "debit", "status": "pending"} | fields


@pytest.fixture
def caller(app: Handler) -> Caller:
    """A user whom no other test knows."""
    return Caller(app, make_user())


def make_user() -> str:
    """A user whom no other test knows."""
    return f"user-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def table(table_name: str, _function_environment: None) -> Table:
    """The table with a client of its own."""
    return Table(make_client("dynamodb"), table_name)
