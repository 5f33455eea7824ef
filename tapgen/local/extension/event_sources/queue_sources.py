"""Event source mappings of queues: batches, their window, filters, partial failures, and the role that reads.

Source: Lambda Developer Guide, "Using Lambda with Amazon SQS", "Handling errors for an SQS event source in Lambda"
(partial batch responses: an answer that is empty has no failures; one that is no JSON, or names an item that is not in
the batch, fails all), "Configuring maximum concurrency". What a filter drops is deleted from the queue.

A batch goes to the version that the alias chooses for it. Waits are in AWS time: a batching window, and the visibility
timeout after which what has failed is received again. While a function runs, messages stay invisible in real time.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import get_region, request_scope
from ministack.services import lambda_svc, sqs

from tapgen.local.extension.event_sources import filters, mapping_rules
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.sqs import one_at_a_time
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.local.extension.settings import Settings

    Mapping = dict[str, Any]
    Message = dict[str, Any]
    Queue = dict[str, Any]

_LAMBDA = "ministack.services.lambda_svc"
_SQS = "ministack.services.sqs"
_POLL = Seam(
    module=_LAMBDA,
    attribute="_poll_sqs",
    parameters=(),
    gap="asks nobody whether the role may read, never waits for a batch, takes at most ten messages, leaves what a "
    "filter drops in the queue until the batch has succeeded, and takes a wrong partial answer for success",
)


def _used(module: str, attribute: str, parameters: tuple[str, ...] | None, use: str) -> Seam:
    return Seam(module=module, attribute=attribute, parameters=parameters, gap=f"called only: {use}")


SEAMS = (
    _POLL,
    *filters.SEAMS,
    *mapping_rules.SEAMS,
    one_at_a_time.LOCK,
    _used(_LAMBDA, "_iter_all_esms", (), "the mappings of all accounts and regions"),
    _used(_LAMBDA, "_get_func_record_for_qualifier", ("name", "qualifier"), "the version that an alias chooses"),
    _used(_LAMBDA, "_sqs_esm_concurrency", ("esm", "func_rec", "config", "queue"), "batches under way at once"),
    _used(_LAMBDA, "_esm_inflight", None, "batches under way, by mapping"),
    _used(_LAMBDA, "_dispatch_esm_batch", ("esm_id", "fn"), "hands a batch over on a thread of its own"),
    _used(_LAMBDA, "_execute_function", ("func", "event"), "invokes"),
    _used(_LAMBDA, "_sqs_message_attributes_to_camel_case", ("attrs",), "attributes as a function gets them"),
    _used(_SQS, "_receive_messages_for_esm", ("queue_url", "max_number"), "receives"),
    _used(_SQS, "_delete_messages_for_esm", ("queue_url", "receipt_handles"), "deletes"),
    _used(_SQS, "_build_sys_attrs", ("msg", "names"), "the attributes of a message"),
)

_RECEIVED_AT_ONCE = 10
_DENIED_S = 0.5
_PARTIAL = "ReportBatchItemFailures"


@dataclass
class _Gathering:
    """Messages of a batch that is not full yet, received and invisible to others."""

    messages: list[Message] = field(default_factory=list)
    since: float = 0.0
    denied_until: float = 0.0


class Poller:
    """Reads the queues of all mappings.

    Args:
        pace: How long an AWS minute takes.
    """

    def __init__(self, pace: TimeScale) -> None:
        self._pace = pace
        self._gathered: dict[str, _Gathering] = {}

    def poll(self) -> bool:
        """Look at each mapping once; whether a batch was handed over."""
        found = False
        for account, region, mapping in lambda_svc._iter_all_esms():  # noqa: SLF001 - a seam
            with request_scope(account, region):
                if ":sqs:" in mapping.get("EventSourceArn", "") and mapping.get("Enabled", True):
                    found = self._poll_one(mapping) or found
        return found

    def _poll_one(self, mapping: Mapping) -> bool:
        function, config = lambda_svc._get_func_record_for_qualifier(  # noqa: SLF001 - a seam
            mapping["FunctionName"], mapping.get("Qualifier")
        )
        queue = sqs._queue_by_arn(mapping["EventSourceArn"])  # noqa: SLF001 - a seam
        if function is None or queue is None:
            return False
        under_way = lambda_svc._esm_inflight.get(mapping["UUID"], 0)  # noqa: SLF001 - a seam
        if under_way >= lambda_svc._sqs_esm_concurrency(mapping, function, config, queue):  # noqa: SLF001 - a seam
            return False
        gathering = self._gathered.setdefault(mapping["UUID"], _Gathering())
        self._gather(mapping, str(config.get("Role", "")), queue, gathering)
        if not self._is_due(mapping, gathering):
            return False
        size = int(mapping.get("BatchSize", 10))
        batch, gathering.messages = gathering.messages[:size], gathering.messages[size:]
        gathering.since = time.monotonic()
        deliver = _Delivery(mapping, function, queue, self._pace).deliver
        lambda_svc._dispatch_esm_batch(mapping["UUID"], deliver, batch)  # noqa: SLF001 - a seam
        return True

    def _gather(self, mapping: Mapping, role_arn: str, queue: Queue, gathering: _Gathering) -> None:
        size = int(mapping.get("BatchSize", 10))
        now = time.monotonic()
        while len(gathering.messages) < size and gathering.denied_until <= now and _has_visible(queue):
            missing = mapping_rules.missing_queue_action(role_arn, mapping["EventSourceArn"])
            if missing:
                mapping["LastProcessingResult"] = f"PROBLEM: The execution role lacks {missing}."
                gathering.denied_until = now + _DENIED_S
                return
            wanted = min(size - len(gathering.messages), _RECEIVED_AT_ONCE)
            received = sqs._receive_messages_for_esm(queue["url"], wanted)  # noqa: SLF001 - a seam
            if not received:
                return
            if not gathering.messages:
                self._open_window(mapping, gathering)
            kept = [each for each in received if filters.matches(_record(each, queue), mapping)]
            _delete(queue, [each for each in received if each not in kept])
            gathering.messages += kept

    def _open_window(self, mapping: Mapping, gathering: _Gathering) -> None:
        gathering.since = time.monotonic()
        window_s = self._window_s(mapping)
        if window_s:
            timer = threading.Timer(window_s, esm_wake.set)
            timer.daemon = True
            timer.start()

    def _is_due(self, mapping: Mapping, gathering: _Gathering) -> bool:
        if not gathering.messages:
            return False
        full = len(gathering.messages) >= int(mapping.get("BatchSize", 10))
        return full or time.monotonic() - gathering.since >= self._window_s(mapping)

    def _window_s(self, mapping: Mapping) -> float:
        return self._pace.wall_s(int(mapping.get("MaximumBatchingWindowInSeconds") or 0))


@dataclass(frozen=True)
class _Delivery:
    """A batch on its way to a function."""

    mapping: Mapping
    function: dict[str, Any]
    queue: Queue
    pace: TimeScale

    def deliver(self, batch: Sequence[Message]) -> None:
        """Invoke once; what has succeeded is deleted, the rest is received again after the visibility timeout."""
        records = [_record(message, self.queue) for message in batch]
        result = lambda_svc._execute_function(self.function, {"Records": records})  # noqa: SLF001 - a seam
        identifiers = [message["id"] for message in batch]
        failed = set(identifiers) if result.get("error") else self._reported(identifiers, result.get("body"))
        _delete(self.queue, [message for message in batch if message["id"] not in failed])
        self._return([message for message in batch if message["id"] in failed])
        self.mapping["LastProcessingResult"] = "PROBLEM: Function call failed" if result.get("error") else "OK"

    def _reported(self, identifiers: Sequence[str], body: Any) -> set[str]:
        if _PARTIAL not in (self.mapping.get("FunctionResponseTypes") or ()):
            return set()
        return failed_items(identifiers, body)

    def _return(self, messages: Sequence[Message]) -> None:
        """Let failed messages be received again."""
        visible_after_s = self.pace.wall_s(int(self.queue["attributes"].get("VisibilityTimeout", 30)))
        with original(one_at_a_time.LOCK):
            for message in messages:
                message["visible_at"] = min(message["visible_at"], time.time() + visible_after_s)
        if messages:
            timer = threading.Timer(visible_after_s, esm_wake.set)
            timer.daemon = True
            timer.start()


def install(settings: Settings) -> None:
    """Read queues as Lambda does."""
    replace(_POLL, Poller(TimeScale(settings.minute_s)).poll)


def failed_items(identifiers: Sequence[str], body: Any) -> set[str]:
    """Which messages of a batch an answer reports as failed; all of them when the answer makes no sense."""
    if isinstance(body, str | bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return set(identifiers)
    if body is None:
        return set()
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return set(identifiers)
    named = {str(each.get("itemIdentifier")) if isinstance(each, dict) else "" for each in failures}
    unknown = named - set(identifiers)
    return set(identifiers) if unknown else named


def _has_visible(queue: Queue) -> bool:
    now = time.time()
    return any(message.get("visible_at", 0) <= now for message in list(queue["messages"]))


def _delete(queue: Queue, messages: Sequence[Message]) -> None:
    handles = {str(message["receipt_handle"]) for message in messages}
    sqs._delete_messages_for_esm(queue["url"], handles)  # noqa: SLF001 - a seam


def _record(message: Message, queue: Queue) -> dict[str, Any]:
    """A message as a function gets it."""
    return {
        "messageId": message["id"],
        "receiptHandle": message["receipt_handle"],
        "body": message["body"],
        "attributes": sqs._build_sys_attrs(message, ["All"]),  # noqa: SLF001 - a seam
        "messageAttributes": lambda_svc._sqs_message_attributes_to_camel_case(  # noqa: SLF001 - a seam
            message.get("message_attributes") or {}
        ),
        "md5OfBody": message["md5_body"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue["attributes"]["QueueArn"],
        "awsRegion": get_region(),
    }
