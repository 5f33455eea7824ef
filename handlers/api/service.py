"""One request of the API: dispatch by API Gateway's route, authorise, answer, log one line.

API Gateway has matched the route already and says so in ``routeKey``; a router in the function would do it again. What
is not a ``Problem`` is raised on: Lambda counts it as an error, and the alarms that guard a shift see it.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

from handlers.api import callers, description, operations, problems, routes
from handlers.api.identifiers import read_user
from handlers.api.operations import Answer
from handlers.api.problems import Problem
from handlers.api.requests import Request
from handlers.common.journal import COUNT, MILLISECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from handlers.api.operations import Storage
    from handlers.api.rules import Rules
    from handlers.common.journal import Journal

_OPERATIONS: dict[str, Callable[[Request, Storage], Answer]] = {
    f"POST {routes.TRANSACTIONS}": operations.create,
    f"GET {routes.TRANSACTIONS}": operations.list_by_user,
    f"GET {routes.TRANSACTION}": operations.get,
    f"PUT {routes.TRANSACTION}": operations.replace,
    f"DELETE {routes.TRANSACTION}": operations.delete,
}
_CONFLICTS = {409: "TransactionConflicts", 412: "TransactionConflicts"}
# Money is nobody's to keep on the way.
_HEADERS = {"content-type": "application/json", "cache-control": "no-store"}


class Api:
    """The API with its storage and its voice; made once at init."""

    def __init__(self, storage: Storage, rules: Rules, journal: Journal) -> None:
        self._storage = storage
        self._rules = rules
        self._journal = journal
        self._cold = True

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """Answer one HTTP API event (payload 2.0)."""
        started = time.perf_counter()
        self._storage.table.consumed_capacity = 0.0
        problem = None
        try:
            answer = self._answer(event)
        except Problem as found:
            problem = found
            document = found.as_dict(_request_id(event))
            answer = Answer(found.status, document, {"content-type": "application/problem+json", **found.headers})
        self._log(event, answer, problem, duration_ms=round((time.perf_counter() - started) * 1000, 2))
        return _response(answer)

    def _answer(self, event: dict[str, Any]) -> Answer:
        route = event["routeKey"]
        operation = _OPERATIONS.get(route)
        if operation is None:
            return _answer_without_storage(route, event, self._rules)
        request = self._read(event)
        if self._rules.authorization == "JWT":
            _check_owner(event, request.user_id)
        return operation(request, self._storage)

    def _read(self, event: dict[str, Any]) -> Request:
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
            require_if_match=self._rules.require_if_match,
        )

    def _log(self, event: dict[str, Any], answer: Answer, problem: Problem | None, *, duration_ms: float) -> None:
        metrics: dict[str, tuple[float, str]] = {"RequestDuration": (duration_ms, MILLISECONDS)}
        if name := _counted(answer):
            metrics[name] = (1, COUNT)
        # Neither amounts nor descriptions: logs are read by more people than accounts.
        fields = {
            "request_id": _request_id(event),
            "route": event["routeKey"],
            "user": _user(event),
            "status": answer.status,
            "problem": problem and problem.kind,
            "duration_ms": duration_ms,
            "consumed_capacity": self._storage.table.consumed_capacity,
            "cold_start": self._cold,
        }
        self._journal.note("ERROR" if answer.status >= 500 else "INFO", "request", fields, metrics)
        self._cold = False


def _answer_without_storage(route: str, event: dict[str, Any], rules: Rules) -> Answer:
    """Health, the API's description, and whatever no route matches.

    Raises:
        Problem: 404 for a path that nobody serves, 405 for a method that the path does not have.
    """
    if route == "GET /health":
        return Answer(200, {"status": "ok"})
    if route == "GET /openapi.json":
        return description.answer_document(rules)
    if route == "GET /docs":
        return description.answer_page()
    if route == routes.PREFLIGHT_ROUTE:
        # API Gateway adds the CORS headers of its own configuration.
        return Answer(204)
    path, method = event["rawPath"], event["requestContext"]["http"]["method"]
    allowed = routes.methods_of(path)
    if allowed and method not in allowed:
        raise problems.method_not_allowed(method, allowed)
    raise problems.not_found(f"no resource {path}")


def _counted(answer: Answer) -> str | None:
    if answer.status == 201:
        return "TransactionDuplicates" if answer.replayed else "TransactionsCreated"
    return _CONFLICTS.get(answer.status)


def _user(event: dict[str, Any]) -> str | None:
    segment = (event.get("pathParameters") or {}).get("userId")
    return None if segment is None else read_user(segment)


def _request_id(event: dict[str, Any]) -> str:
    """API Gateway's id of the request; whoever invokes the function directly may leave it out."""
    return str(event.get("requestContext", {}).get("requestId", ""))


def _check_owner(event: dict[str, Any], user_id: str) -> None:
    """The token's subject owns the path, unless it is an administrator's.

    Raises:
        Problem: 403.
    """
    claims = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims", {})
    if not callers.owns(claims, user_id):
        raise problems.forbidden()


def _response(answer: Answer) -> dict[str, Any]:
    headers = _HEADERS | answer.headers if answer.headers else _HEADERS
    if answer.document is None:
        return {"statusCode": answer.status, "headers": {"cache-control": "no-store"}}
    document = answer.document
    body = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
    return {"statusCode": answer.status, "headers": headers, "body": body}
