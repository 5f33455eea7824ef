"""Event source mappings of DynamoDB streams: partial batch responses, bisection, attempts, and their end in a queue.

Source: Lambda Developer Guide, "Process DynamoDB records with Lambda", with "Configuring partial batch response" and
"Retain discarded records". A failed batch is delivered again as it was, or in halves where the mapping bisects; an
answer with ``batchItemFailures`` is delivered again from its lowest sequence number on. After the last attempt the
records are dropped, and what Lambda says about them goes to the mapping's destination.

All attempts at a batch happen inside one poll, with short waits: a shard stands still meanwhile, as it does on AWS. A
mapping without a limit of attempts is left to MiniStack, which tries for ever.
"""

from __future__ import annotations

import contextvars
import functools
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Records = list[dict[str, Any]]
    Result = dict[str, Any]
    Execute = Callable[..., Result]

_MODULE = "ministack.services.lambda_svc"
_POLL = Seam(
    module=_MODULE,
    attribute="_poll_dynamodb_streams",
    parameters=(),
    gap="tells the poller's invocations from those that carry a stream's records by hand",
)
_EXECUTE = Seam(
    module=_MODULE,
    attribute="_execute_function",
    parameters=("func", "event"),
    gap="batchItemFailures, BisectBatchOnFunctionError and MaximumRetryAttempts are stored and change nothing: a "
    "failed batch blocks its shard for ever, a partial failure is taken for success",
)
_SEND = Seam(
    module=_MODULE,
    attribute="_send_ddb_stream_failure_record",
    parameters=("esm", "func_rec", "batch", "stream_arn", "result", "condition"),
    gap="called only: writes to the mapping's destination",
)
_MAPPINGS = Seam(module=_MODULE, attribute="_esms", parameters=None, gap="read only: the mappings of this account")
SEAMS = (_POLL, _EXECUTE, _SEND, _MAPPINGS)

_FOR_EVER = -1
_WAIT_S = 0.05

_polling: contextvars.ContextVar[bool] = contextvars.ContextVar("tapgen_polling_streams", default=False)


def install(settings: Settings) -> None:
    """Honour what mappings say about failures."""
    del settings
    replace(_POLL, _marked(original(_POLL)))
    replace(_EXECUTE, _with_attempts(original(_EXECUTE)))


def _marked(poll: Callable[[], bool]) -> Callable[[], bool]:
    @functools.wraps(poll)
    def poll_marked() -> bool:
        token = _polling.set(True)
        try:
            return poll()
        finally:
            _polling.reset(token)

    return poll_marked


def _with_attempts(execute: Execute) -> Execute:
    @functools.wraps(execute)
    def execute_with_attempts(func: dict[str, Any], event: Any, *args: Any, **options: Any) -> Result:
        mapping = _find_mapping(func, event) if _polling.get() else None
        if mapping is None or int(mapping.get("MaximumRetryAttempts", _FOR_EVER)) == _FOR_EVER:
            return execute(func, event, *args, **options)
        return _Delivery(mapping, func, execute).deliver(event["Records"])

    return execute_with_attempts


def _find_mapping(func: dict[str, Any], event: Any) -> dict[str, Any] | None:
    """The mapping that the poller works for: the one from this stream to this function."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not records or records[0].get("eventSource") != "aws:dynamodb":
        return None
    name, stream = (func.get("config") or func)["FunctionName"], records[0].get("eventSourceARN")
    for mapping in lambda_svc._esms.values():  # noqa: SLF001 - a seam
        if mapping.get("EventSourceArn") == stream and mapping.get("FunctionName") == name:
            found: dict[str, Any] = mapping
            return found
    return None


@dataclass(frozen=True)
class _Delivery:
    """One batch on its way to a function."""

    mapping: dict[str, Any]
    func: dict[str, Any]
    execute: Execute

    def deliver(self, records: Records, *, attempt: int = 0) -> Result:
        """Deliver until the function has taken all records or the attempts are used up; never a failed result.

        Halves begin with the attempts that the whole had used: Lambda counts bisected batches against the limit only
        once they are single records, and a rehearsal needs an end [inferred].
        """
        result = self.execute(self.func, {"Records": records})
        rest = self._undone(records, result)
        if not rest:
            return result
        if self.mapping.get("BisectBatchOnFunctionError") and len(rest) > 1:
            middle = len(rest) // 2
            self.deliver(rest[:middle], attempt=attempt)
            return self.deliver(rest[middle:], attempt=attempt)
        if attempt >= int(self.mapping["MaximumRetryAttempts"]):
            lambda_svc._send_ddb_stream_failure_record(  # noqa: SLF001 - a seam
                self.mapping, self.func, rest, self.mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
            )
            return {"body": None, "log": ""}
        time.sleep(_WAIT_S)
        return self.deliver(rest, attempt=attempt + 1)

    def _undone(self, records: Records, result: Result) -> Records:
        """What must be delivered again: all after a failure, else from the lowest sequence number reported on."""
        if result.get("error"):
            return records
        if "ReportBatchItemFailures" not in (self.mapping.get("FunctionResponseTypes") or ()):
            return []
        return unfinished(records, result.get("body"))


def unfinished(records: Records, body: Any) -> Records:
    """The records from the lowest reported sequence number on; all of them when the answer makes no sense."""
    if isinstance(body, str | bytes):
        try:
            body = json.loads(body or "{}")
        except ValueError:
            return records
    if body is None:
        return []
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if not failures:
        return []
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    reported = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    if any(number not in numbers for number in reported):
        return records
    return records[min(numbers.index(number) for number in reported) :]
