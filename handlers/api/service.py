"""One request of the API: dispatch by API Gateway's route, authorise, answer, log one line.

API Gateway has matched the route already and says so in ``routeKey``; a router in the function would do it again. What
is not a ``Problem`` is raised on: Lambda counts it as an error, and the alarms that guard a shift see it.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from handlers.api import operations, problems
from handlers.api.operations import Answer, Request
from handlers.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Logger, Metrics

    from handlers.api.storage import Table

ADMIN_SCOPE = "transactions:admin"

_OPERATIONS: dict[str, Callable[[Request, Table], Answer]] = {
    "POST /users/{userId}/transactions": operations.create,
    "GET /users/{userId}/transactions": operations.list_by_user,
    "GET /users/{userId}/transactions/{transactionId}": operations.get,
    "PUT /users/{userId}/transactions/{transactionId}": operations.replace,
    "DELETE /users/{userId}/transactions/{transactionId}": operations.delete,
}
_COUNTED = {201: "TransactionsCreated", 409: "TransactionConflicts", 412: "TransactionConflicts"}


class Api:
    """The API with its table and its voice; made once at init."""

    def __init__(self, table: Table, *, authorization: str, logger: Logger, metrics: Metrics) -> None:
        self._table = table
        self._authorization = authorization
        self._logger = logger
        self._metrics = metrics
        self._cold = True

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """Answer one HTTP API event (payload 2.0)."""
        started = time.perf_counter()
        self._table.consumed_capacity = 0.0
        request_id: str = event["requestContext"]["requestId"]
        try:
            answer = self._answer(event)
        except Problem as problem:
            headers = {"content-type": "application/problem+json", **problem.headers}
            answer = Answer(problem.status, problem.as_dict(request_id), headers)
        self._log(event, answer, duration_ms=round((time.perf_counter() - started) * 1000, 2))
        return _response(answer)

    def _answer(self, event: dict[str, Any]) -> Answer:
        route = event["routeKey"]
        if route == "GET /health":
            return Answer(200, {"status": "ok"})
        operation = _OPERATIONS.get(route)
        if operation is None:
            raise problems.not_found(f"no route {route}")
        request = _request(event)
        if self._authorization == "JWT":
            _check_owner(event, request.user_id)
        return operation(request, self._table)

    def _log(self, event: dict[str, Any], answer: Answer, *, duration_ms: float) -> None:
        self._metrics.add_metric("RequestDuration", MetricUnit.Milliseconds, duration_ms)
        if name := _COUNTED.get(answer.status):
            self._metrics.add_metric(name, MetricUnit.Count, 1)
        # Neither amounts nor descriptions: logs are read by more people than accounts.
        self._logger.info(
            "request",
            request_id=event["requestContext"]["requestId"],
            route=event["routeKey"],
            user=(event.get("pathParameters") or {}).get("userId"),
            status=answer.status,
            duration_ms=duration_ms,
            consumed_capacity=self._table.consumed_capacity,
            cold_start=self._cold,
        )
        self._cold = False


def _request(event: dict[str, Any]) -> Request:
    body = event.get("body")
    if body is not None and event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body).decode()
        except ValueError as error:
            raise problems.not_parsed("the body is not UTF-8") from error
    return Request(
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers=event.get("headers", {}),
        body=body,
    )


def _check_owner(event: dict[str, Any], user_id: str) -> None:
    """The token's subject owns the path, unless it is an administrator's.

    Raises:
        Problem: 403.
    """
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    if claims.get("sub") != user_id and ADMIN_SCOPE not in str(claims.get("scope", "")).split():
        raise problems.forbidden()


def _response(answer: Answer) -> dict[str, Any]:
    headers = dict(answer.headers or {})
    if answer.document is None:
        return {"statusCode": answer.status, "headers": headers}
    headers.setdefault("content-type", "application/json")
    return {"statusCode": answer.status, "headers": headers, "body": json.dumps(answer.document)}
