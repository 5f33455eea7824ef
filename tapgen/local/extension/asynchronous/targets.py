"""A payload on its way to a target that is told by its ARN: a function, a queue, a topic, an event bus."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.asynchronous import invocations
from tapgen.local.extension.delivery import messages
from tapgen.local.extension.delivery.failures import Undelivered, no_permission, no_resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    MayCall = Callable[[str, str], bool]

SEAMS = (*messages.SEAMS, *invocations.SEAMS)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where something is delivered to.

    Attributes:
        arn: The target.
        group_id: The message group, which FIFO queues need.
        entry: ``Source`` and ``DetailType`` of the event, which buses need.
        subject: The subject of what a topic publishes.
    """

    arn: str
    group_id: str = ""
    entry: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""

    def deliver(self, payload: str, may_call: MayCall) -> None:
        """Deliver once.

        Args:
            payload: JSON or text.
            may_call: Whether an action on the target is allowed to whoever delivers.

        Raises:
            Undelivered: The target does not exist, may not be called or does not take it.
        """
        service = (self.arn.split(":") + [""] * 3)[2]
        found = _WAYS.get(service)
        if found is None:
            raise Undelivered(
                "UNSUPPORTED_TARGET", f"The embedded AWS has no target of the kind {self.arn}.", lasting=True
            )
        action, send = found
        if not may_call(action, self.arn):
            raise no_permission(action, self.arn)
        send(self, payload)


def _invoke(target: Target, payload: str) -> None:
    if not invocations.invoke(target.arn, _json(payload)):
        raise no_resource(target.arn)


def _send(target: Target, payload: str) -> None:
    messages.send(target.arn, payload, MessageGroupId=target.group_id)


def _publish(target: Target, payload: str) -> None:
    messages.publish(target.arn, payload, subject=target.subject)


def _put_event(target: Target, payload: str) -> None:
    messages.put_event(target.arn, {**target.entry, "Detail": payload})


_WAYS: Mapping[str, tuple[str, Callable[[Target, str], None]]] = {
    "lambda": ("lambda:InvokeFunction", _invoke),
    "sqs": ("sqs:SendMessage", _send),
    "sns": ("sns:Publish", _publish),
    "events": ("events:PutEvents", _put_event),
}


def _json(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload
