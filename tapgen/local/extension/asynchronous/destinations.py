"""Who hears of an asynchronous invocation: destinations of successes and failures, and the dead-letter target.

Source: Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations" (the record), "Adding a
dead-letter queue" (the event itself, with RequestID, ErrorCode and ErrorMessage as attributes). Lambda uses the
function's role.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.delivery import messages, roles
from tapgen.local.extension.delivery.failures import Undelivered, no_permission, no_resource
from tapgen.local.extension.delivery.roles import ServiceRole

if TYPE_CHECKING:
    from collections.abc import Callable

SEAMS = (*messages.SEAMS, *roles.SEAMS)

_LOG = logging.getLogger("tapgen.local")
_MESSAGE_LENGTH = 1024
_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an asynchronous invocation ended.

    Attributes:
        condition: ``Success``, ``RetriesExhausted`` or ``EventAgeExceeded``.
        result: MiniStack's result of the last attempt.
        attempts: How many there were.
    """

    condition: str
    result: dict[str, Any]
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What destinations are told.

    Attributes:
        request_id: The invocation's.
        event: What the function was invoked with.
        function_arn: What was invoked, with its alias or version.
        outcome: How it ended.
    """

    request_id: str
    event: Any
    function_arn: str
    outcome: Outcome
    invoke: Callable[[str, Any], bool]
    """Invokes another function asynchronously; whether there is one."""

    def record(self, version: str) -> dict[str, Any]:
        """The invocation record, as version 1.0 of Lambda's has it."""
        result = self.outcome.result
        response: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
        if result.get("error"):
            response["functionError"] = result.get("function_error") or "Unhandled"
        qualified = self.function_arn if self.function_arn.count(":") > 6 else f"{self.function_arn}:$LATEST"
        return {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": self.request_id,
                "functionArn": qualified,
                "condition": self.outcome.condition,
                "approximateInvokeCount": self.outcome.attempts,
            },
            "requestPayload": self.event,
            "responseContext": response,
            "responsePayload": _payload(result.get("body")),
        }


def tell(letter: Letter, settings: dict[str, Any], config: dict[str, Any], dimensions: list[dict[str, str]]) -> None:
    """Send the record to the destination of the outcome, and a failed event to the dead letters as well."""
    failed = letter.outcome.condition != "Success"
    kind = "OnFailure" if failed else "OnSuccess"
    target = ((settings.get("DestinationConfig") or {}).get(kind) or {}).get("Destination", "")
    role = ServiceRole(arn=str(config.get("Role", "")), service="lambda")
    if target:
        version = str(config.get("Version", "$LATEST"))
        _attempt("DestinationDeliveryFailures", dimensions, lambda: _send_record(role, target, letter, version))
    dead = str((config.get("DeadLetterConfig") or {}).get("TargetArn", ""))
    if failed and dead:
        _attempt("DeadLetterErrors", dimensions, lambda: _send_letter(role, dead, letter))


def _attempt(metric: str, dimensions: list[dict[str, str]], send: Callable[[], None]) -> None:
    """What cannot be sent is counted and lost, as it is on AWS."""
    try:
        send()
    except Undelivered as error:
        _LOG.warning("%s: %s", metric, error.message)
        metrics.record("AWS/Lambda", {metric: (1.0, "Count")}, dimensions)


def _send_record(role: ServiceRole, target: str, letter: Letter, version: str) -> None:
    service = _authorized(role, target)
    record = letter.record(version)
    body = json.dumps(record)
    if service == "sqs":
        messages.send(target, body)
    elif service == "sns":
        messages.publish(target, body)
    elif service == "lambda":
        if not letter.invoke(target, record):
            raise no_resource(target)
    else:
        outcome = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
        entry = {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {outcome}",
            "Detail": body,
            "Resources": [target, record["requestContext"]["functionArn"]],
        }
        messages.put_event(target, entry)


def _send_letter(role: ServiceRole, target: str, letter: Letter) -> None:
    service = _authorized(role, target)
    result = letter.outcome.result
    payload = _payload(result.get("body"))
    text = str(payload.get("errorMessage", "")) if isinstance(payload, dict) else ""
    attributes = messages.text_attributes(
        {
            "RequestID": letter.request_id,
            "ErrorCode": "429" if result.get("throttle") else "200",
            "ErrorMessage": text[:_MESSAGE_LENGTH],
        }
    )
    body = json.dumps(letter.event)
    if service == "sqs":
        messages.send(target, body, MessageAttributes=attributes)
    else:
        messages.publish(target, body, message_attributes=attributes)


def _authorized(role: ServiceRole, target: str) -> str:
    """The service of a target that the role may use.

    Raises:
        Undelivered: It may not.
    """
    service = target.split(":")[2]
    action = _ACTIONS[service]
    if not role.allows(action, target):
        raise no_permission(action, target)
    return service


def _payload(body: Any) -> Any:
    if isinstance(body, str | bytes):
        try:
            return json.loads(body)
        except ValueError:
            return body.decode(errors="replace") if isinstance(body, bytes) else body
    return body
