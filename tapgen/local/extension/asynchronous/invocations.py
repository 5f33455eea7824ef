"""Asynchronous invocations: attempts and their waits, the age of events, destinations and dead letters.

Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation", "Capturing records
of Lambda asynchronous invocations": two more attempts, one and two minutes later; throttled events go back to the queue
for up to six hours; with a reserved concurrency of zero they go to the failure destination at once. The configuration
is that of the alias or version that was invoked. Waits and ages are in AWS time.

Each attempt through an alias goes to the version that the alias chooses for it [inferred]. Unlike AWS, each attempt has
a request id of its own. Events that wait for an attempt are lost when the embedded AWS stops.
"""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from tapgen.local.extension.asynchronous import destinations
from tapgen.local.extension.asynchronous.destinations import Outcome
from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.lambda_service import weighted_aliases
from tapgen.local.extension.seams import Seam, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

    Result = dict[str, Any]

_LAMBDA = "ministack.services.lambda_svc"
_INVOKE = Seam(
    module=_LAMBDA,
    attribute="invoke_async_with_retry",
    parameters=("func", "event"),
    gap="takes the configuration of no alias, knows no destination of successes, writes to dead letters what belongs "
    "to destinations, and asks nobody whether the role may",
)


def _used(attribute: str, parameters: tuple[str, ...] | None, use: str) -> Seam:
    return Seam(module=_LAMBDA, attribute=attribute, parameters=parameters, gap=f"called only: {use}")


SEAMS = (
    _INVOKE,
    *destinations.SEAMS,
    _used("_functions", None, "the functions of this account"),
    _used("_execute_function", ("func", "event"), "invokes"),
    _used("_effective_func_record_for_qualifier", ("func", "qualifier"), "the version that an alias chooses"),
    _used("_event_invoke_config", ("func", "qualifier"), "the configuration of an alias or version"),
    _used("_account_region_from_function_config", ("config",), "where a function is"),
    _used("_reserved_concurrency", ("func", "config"), "the reserved concurrency of a function"),
)

_RETRY_WAITS_S = (60, 120)
_LONGEST_THROTTLE_S = 300
_OLDEST_S = 21_600
_ATTEMPTS = 2


@dataclass
class _Invoker:
    """How fast time goes for events that wait."""

    pace: TimeScale = field(default_factory=lambda: TimeScale(60.0))


_invoker = _Invoker()


def install(settings: Settings) -> None:
    """Take over every asynchronous invocation."""
    _invoker.pace = TimeScale(settings.minute_s)
    replace(_INVOKE, _invoke_record)


def invoke(function_arn: str, event: Any) -> bool:
    """Put an event into the queue of a function, an alias or a version; whether there is one.

    Args:
        function_arn: The ARN that is invoked.
        event: The event as JSON.
    """
    account, region = function_arn.split(":")[4], function_arn.split(":")[3]
    name, _, qualifier = function_arn.partition(":function:")[2].partition(":")
    with request_scope(account, region):
        function = lambda_svc._functions.get(name)  # noqa: SLF001 - a seam
        if function is None or lambda_svc._effective_func_record_for_qualifier(function, qualifier or None)[0] is None:  # noqa: SLF001 - a seam
            return False
        delivery = _Delivery(name, qualifier, event, _invoker.pace)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(delivery.run,), name="lambda-event", daemon=True).start()
    return True


def _invoke_record(func: dict[str, Any], event: Any) -> None:
    """MiniStack's entry: a record whose ARN says what was invoked."""
    config = func.get("config") or func
    account, region = lambda_svc._account_region_from_function_config(config)  # noqa: SLF001 - a seam
    qualifier = weighted_aliases.invoked_qualifier(config)
    suffix = f":{qualifier}" if qualifier else ""
    invoke(f"arn:aws:lambda:{region}:{account}:function:{config['FunctionName']}{suffix}", event)


@dataclass(frozen=True)
class _Delivery:
    """One event on its way to a function."""

    name: str
    qualifier: str
    event: Any
    pace: TimeScale
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    since: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Invoke until it succeeds or Lambda gives up, then tell whoever wants to know."""
        metrics.record("AWS/Lambda", {"AsyncEventsReceived": (1.0, "Count")}, self._dimensions())
        settings = self._settings()
        most = int(settings.get("MaximumRetryAttempts", _ATTEMPTS))
        oldest_s = int(settings.get("MaximumEventAgeInSeconds", _OLDEST_S))
        condition, result, attempts = "Success", {}, 0
        while True:
            result = self._attempt(oldest_s)
            attempts += 1
            if result.get("throttle"):
                condition = "RetriesExhausted" if self._reserves_nothing() else "EventAgeExceeded"
                break
            if not result.get("error"):
                break
            if attempts > most:
                condition = "RetriesExhausted"
                break
            wait_s = _RETRY_WAITS_S[min(attempts, len(_RETRY_WAITS_S)) - 1]
            if self._age_s() + wait_s > oldest_s:
                condition = "EventAgeExceeded"
                break
            time.sleep(self.pace.wall_s(wait_s))
        self._tell(settings, Outcome(condition=condition, result=result, attempts=attempts))

    def _attempt(self, oldest_s: int) -> Result:
        """Invoke once; a throttled event goes back to the queue as long as it is young enough."""
        wait_s = 1
        while True:
            record, _ = self._record()
            result: Result = lambda_svc._execute_function(record, self.event)  # noqa: SLF001 - a seam
            if not result.get("throttle") or self._reserves_nothing() or self._age_s() + wait_s > oldest_s:
                return result
            time.sleep(self.pace.wall_s(wait_s))
            wait_s = min(2 * wait_s, _LONGEST_THROTTLE_S)

    def _tell(self, settings: dict[str, Any], outcome: Outcome) -> None:
        _, config = self._record()
        if outcome.condition != "Success":
            metrics.record("AWS/Lambda", {"AsyncEventsDropped": (1.0, "Count")}, self._dimensions())
        letter = destinations.Letter(
            request_id=self.request_id, event=self.event, function_arn=self._arn(), outcome=outcome, invoke=invoke
        )
        destinations.tell(letter, settings, config, self._dimensions())

    def _record(self) -> tuple[dict[str, Any], dict[str, Any]]:
        function = lambda_svc._functions[self.name]  # noqa: SLF001 - a seam
        record, config = lambda_svc._effective_func_record_for_qualifier(function, self.qualifier or None)  # noqa: SLF001 - a seam
        return {**record, "config": {**config, "FunctionArn": self._arn()}}, config

    def _settings(self) -> dict[str, Any]:
        function = lambda_svc._functions[self.name]  # noqa: SLF001 - a seam
        found = lambda_svc._event_invoke_config(function, self.qualifier or None)  # noqa: SLF001 - a seam
        return found or lambda_svc._event_invoke_config(function, self.qualifier or "$LATEST") or {}  # noqa: SLF001 - a seam

    def _reserves_nothing(self) -> bool:
        function = lambda_svc._functions[self.name]  # noqa: SLF001 - a seam
        return bool(lambda_svc._reserved_concurrency(function, function["config"]) == 0)  # noqa: SLF001 - a seam

    def _age_s(self) -> float:
        age_s: float = self.pace.aws_s(time.monotonic() - self.since)
        return age_s

    def _arn(self) -> str:
        base = ":".join(str(lambda_svc._functions[self.name]["config"]["FunctionArn"]).split(":")[:7])  # noqa: SLF001 - a seam
        return f"{base}:{self.qualifier}" if self.qualifier else base

    def _dimensions(self) -> list[dict[str, str]]:
        resource = f"{self.name}:{self.qualifier}" if self.qualifier else self.name
        return [{"FunctionName": self.name}, {"FunctionName": self.name, "Resource": resource}]
