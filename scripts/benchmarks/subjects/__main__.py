"""``python -m scripts.benchmarks.subjects NAME``: one subject in a fresh process; its figures as JSON.

DynamoDB is answered at the HTTP layer: signing, serialising and parsing are real, the network is not there.
"""

from __future__ import annotations

import functools
import gc
import importlib
import io
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_WARM_UP, _CALLS = 100, 600
_ID = "01a20d87-4e0c-7ee7-9150-45696a453732"
_ITEM: dict[str, Any] = {
    **{name: {"S": "2026-11-24T12:00:00.000Z"} for name in ("createdAt", "updatedAt")},
    "userId": {"S": "ada"},
    "transactionId": {"S": _ID},
    "amount": {"S": "12.30"},
    "currency": {"S": "EUR"},
    "type": {"S": "debit"},
    "status": {"S": "posted"},
    "description": {"S": "a book"},
    "metadata": {"M": {"order": {"S": "17"}}},
    "version": {"N": "1"},
}
_CAPACITY = {"TableName": "t", "CapacityUnits": 1.0}
_ANSWERS = {
    "PutItem": {"ConsumedCapacity": _CAPACITY},
    "GetItem": {"Item": _ITEM, "ConsumedCapacity": _CAPACITY},
    "Query": {"Items": [_ITEM] * 100, "Count": 100, "ScannedCount": 100, "ConsumedCapacity": _CAPACITY},
}
_BODY = {"amount": "12.30", "currency": "EUR", "type": "debit", "description": "a book", "metadata": {"order": "17"}}


class _Raw:
    """What botocore reads a response from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body


def main() -> int:
    """Import, then call; prints ``{"init": seconds, operation: seconds, …}``."""
    # Log lines are written, and not to the terminal.
    out, sys.stdout = sys.stdout, io.StringIO()
    started = time.perf_counter()
    subject = importlib.import_module(f"scripts.benchmarks.subjects.{sys.argv[1]}")
    figures = {"init": time.perf_counter() - started}
    if "--init" not in sys.argv:
        subject.client.meta.events.register("before-send.dynamodb", _answerer())
        for name, event in _events().items():
            _check(subject.handler(event, _Context()), name)
            figures[name] = _measure(functools.partial(subject.handler, event, _Context()))
    json.dump(figures, out)
    return 0


def _check(answer: dict[str, Any], name: str) -> None:
    """A subject that fails is fast: it must answer what was asked, ``bare`` apart."""
    wanted = {"create": 201, "validation error": 422}.get(name, 200)
    if answer.get("statusCode", wanted) != wanted:
        sys.exit(f"{sys.argv[1]}: {name} is answered with {answer}")


class _Context:
    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:bench"


def _answerer() -> Callable[..., Any]:
    from botocore.awsrequest import AWSResponse, HeadersDict

    bodies = {name: json.dumps(answer).encode() for name, answer in _ANSWERS.items()}

    def answer(request: Any, **_: Any) -> Any:
        body = bodies[request.headers["X-Amz-Target"].decode().rpartition(".")[2]]
        headers: Any = HeadersDict({"content-type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 200, headers, _Raw(body))

    return answer


def _events() -> dict[str, dict[str, Any]]:
    return {
        "get": _event("GET", f"/users/ada/transactions/{_ID}"),
        "create": _event("POST", "/users/ada/transactions", body=json.dumps(_BODY)),
        "list 100": _event("GET", "/users/ada/transactions", query="limit=100"),
        "validation error": _event("POST", "/users/ada/transactions", body=json.dumps(_BODY | {"amount": 12})),
    }


def _event(method: str, path: str, *, body: str | None = None, query: str = "") -> dict[str, Any]:
    single = path.count("/") > 3
    route = f"{method} /users/{{userId}}/transactions" + ("/{transactionId}" if single else "")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"accept": "*/*", "content-type": "application/json", "host": "api.example.com"},
        "pathParameters": {"userId": "ada"} | ({"transactionId": _ID} if single else {}),
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "a1b2c3d4e5",
            "domainName": "api.example.com",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "x",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "24/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795521600000,
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        event["body"] = body
    if query:
        event["queryStringParameters"] = dict([query.split("=")])
    return event


def _measure(call: Callable[[], Any]) -> float:
    times = []
    for number in range(_WARM_UP + _CALLS):
        started = time.perf_counter()
        call()
        if number >= _WARM_UP:
            times.append(time.perf_counter() - started)
        if number % 200 == 0:
            sys.stdout.seek(0)
            sys.stdout.truncate()
            gc.collect()
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
