"""The metrics of DynamoDB tables.

Source: DynamoDB Developer Guide, "DynamoDB metrics and dimensions". Throttling happens only where MiniStack throttles;
consumed capacity is known only for requests that ask for it.
"""

from __future__ import annotations

import functools
import json
import time
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_DYNAMODB = Seam(
    module="ministack.services.dynamodb",
    attribute="handle_request",
    parameters=("method", "path", "headers", "body", "query_params"),
    gap="publishes no metrics",
)
SEAMS = (_DYNAMODB,)


def install(settings: Settings) -> None:
    """Publish the metrics."""
    del settings
    replace(_DYNAMODB, _measured_table(original(_DYNAMODB)))


def _measured_table(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    async def measured(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        started = time.monotonic()
        response = await handle(method, path, headers, body, query_params)
        operation = str(headers.get("x-amz-target", "")).rpartition(".")[2]
        if operation in _TABLE_OPERATIONS:
            _record_table(operation, body, response, (time.monotonic() - started) * 1000)
        return response

    return measured


_TABLE_OPERATIONS = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"})
"""Operations on one table. Batches and transactions are not measured: they name several."""

_THROTTLES = ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")


def _record_table(operation: str, body: bytes, response: Any, latency_ms: float) -> None:
    status, _, answer = response
    try:
        table = str(json.loads(body)["TableName"]).rpartition("/")[2]
        code = "" if status < 400 else str(json.loads(answer).get("__type", "")).rpartition("#")[2]
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    by_table, by_operation = {"TableName": table}, {"TableName": table, "Operation": operation}
    if status < 400:
        metrics.record("AWS/DynamoDB", {"SuccessfulRequestLatency": (latency_ms, "Milliseconds")}, [by_operation])
        _record_capacity(operation, answer, by_table)
    elif code in _THROTTLES:
        kind = "Read" if operation in ("GetItem", "Query", "Scan") else "Write"
        metrics.record("AWS/DynamoDB", {"ThrottledRequests": (1.0, "Count")}, [by_operation])
        metrics.record("AWS/DynamoDB", {f"{kind}ThrottleEvents": (1.0, "Count")}, [by_table])
    elif code == "ConditionalCheckFailedException":
        metrics.record("AWS/DynamoDB", {"ConditionalCheckFailedRequests": (1.0, "Count")}, [by_table])
    elif status >= 500:
        metrics.record("AWS/DynamoDB", {"SystemErrors": (1.0, "Count")}, [by_operation])
    else:
        metrics.record("AWS/DynamoDB", {"UserErrors": (1.0, "Count")}, [{}])


def _record_capacity(operation: str, answer: bytes, dimensions: metrics.Dimensions) -> None:
    """The capacity that a request consumed, where it asked to be told: MiniStack computes it only then."""
    if b'"ConsumedCapacity"' not in answer:
        return
    units = (json.loads(answer).get("ConsumedCapacity") or {}).get("CapacityUnits")
    if units is not None:
        kind = "Read" if operation in ("GetItem", "Query", "Scan") else "Write"
        metrics.record("AWS/DynamoDB", {f"Consumed{kind}CapacityUnits": (float(units), "Count")}, [dimensions])
