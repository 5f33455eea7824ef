"""Powertools' router for HTTP APIs with its validation by pydantic; no log line, no metrics."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Query

from scripts.benchmarks.subjects import storage
from scripts.benchmarks.subjects.models import NewTransaction, Page, Transaction  # noqa: TC001 - read at run time

client = storage.client
_app = APIGatewayHttpResolver(enable_validation=True)


@_app.post("/users/<user_id>/transactions")
def create(user_id: str, new: NewTransaction) -> tuple[Transaction, int]:
    """POST."""
    return storage.create(user_id, new), 201


@_app.get("/users/<user_id>/transactions/<transaction_id>")
def get(user_id: str, transaction_id: str) -> Transaction:
    """GET one."""
    found = storage.get(user_id, transaction_id)
    if found is None:
        raise NotFoundError(transaction_id)
    return found


@_app.get("/users/<user_id>/transactions")
def list_newest(user_id: str, limit: Annotated[int, Query(ge=1, le=100)] = 25) -> Page:
    """GET many."""
    return storage.list_newest(user_id, limit)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Lambda's entry point."""
    return _app.resolve(event, context)
