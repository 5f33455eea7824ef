"""What rules deliver: asked for permission, tried again, and written to the target's dead-letter queue in the end.

MiniStack hands events to functions without asking, once, and forgets what failed. Source: EventBridge user guide,
"Using resource-based policies for Amazon EventBridge" (functions, queues and topics are asked by their policies, with
the rule as source; a role where the target names one), "Using dead-letter queues".
"""

from __future__ import annotations

import contextvars
import functools
import threading
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region

from tapgen.local.extension.asynchronous import targets
from tapgen.local.extension.asynchronous.targets import Target
from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.delivery import messages
from tapgen.local.extension.delivery.authority import SEAMS as AUTHORITY_SEAMS
from tapgen.local.extension.delivery.authority import Caller
from tapgen.local.extension.delivery.failures import Undelivered, no_permission
from tapgen.local.extension.delivery.retries import Failure, RetryPolicy
from tapgen.local.extension.delivery.roles import SEAMS as ROLE_SEAMS
from tapgen.local.extension.delivery.roles import ServiceRole
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Record = dict[str, Any]

_EVENTS = "ministack.services.eventbridge"
SERVICE = "events.amazonaws.com"
_INVOKE = Seam(
    module=_EVENTS,
    attribute="_invoke_target",
    parameters=("target", "event", "rule"),
    gap="used: tells which target of which rule is delivered to",
)
_WAYS = tuple(
    Seam(module=_EVENTS, attribute=name, parameters=parameters, gap="delivers once, to whoever is named, unasked")
    for name, parameters in (
        ("_dispatch_to_lambda", ("arn", "payload")),
        ("_dispatch_to_sqs", ("spec", "payload")),
        ("_dispatch_to_sns", ("arn", "payload")),
    )
)
SEAMS = (_INVOKE, *_WAYS, *targets.SEAMS, *AUTHORITY_SEAMS, *ROLE_SEAMS)

_delivering: contextvars.ContextVar[tuple[Record, Record] | None] = contextvars.ContextVar(
    "tapgen_rule_target", default=None
)
"""The target and the rule of the delivery that this context carries out."""


def install(settings: Settings) -> None:
    """Take over the deliveries to functions, queues and topics."""
    deliver = Deliveries(TimeScale(settings.minute_s)).deliver
    replace(_INVOKE, _remembering(original(_INVOKE)))
    for way in _WAYS:
        replace(way, deliver)


class Deliveries:
    """Deliveries of rules.

    Args:
        pace: How long an AWS minute takes.
    """

    def __init__(self, pace: TimeScale) -> None:
        self._pace = pace

    def deliver(self, arn: Any, payload: str, parameters: Record | None = None) -> None:
        """Deliver to the target that is at hand; goes on by itself after a first attempt that may yet succeed.

        Args:
            arn: The target's ARN, as text or as MiniStack parses it.
            payload: What the target gets.
            parameters: ``SqsParameters`` of a queue.
        """
        found = _delivering.get()
        target, rule = found if found is not None else ({}, {})
        goal = Target(
            arn=str(arn),
            group_id=str((parameters or {}).get("MessageGroupId") or ""),
            subject="EventBridge Notification",
        )
        attempt = functools.partial(self._attempt, goal, payload, target, rule)
        try:
            attempt(0)
        except Undelivered as error:
            policy = RetryPolicy.read(target.get("RetryPolicy"))
            if error.lasting or not policy.attempts:
                condition = "" if error.lasting else "MaximumRetryAttempts"
                self._give_up(Failure(error=error, retries=0, condition=condition), target, rule, payload)
                return
            context = contextvars.copy_context()
            arguments = (functools.partial(self._retry, policy, attempt, target, rule, payload),)
            threading.Thread(target=context.run, args=arguments, name="rule-retries", daemon=True).start()

    def _attempt(self, goal: Target, payload: str, target: Record, rule: Record, _: int) -> None:
        goal.deliver(payload, functools.partial(may_call, str(target.get("RoleArn") or ""), str(rule.get("Arn", ""))))

    def _retry(
        self, policy: RetryPolicy, attempt: Callable[[int], None], target: Record, rule: Record, payload: str
    ) -> None:
        failure = policy.follow(attempt, self._pace, tried=1)
        if failure is not None:
            self._give_up(failure, target, rule, payload)

    def _give_up(self, failure: Failure, target: Record, rule: Record, payload: str) -> None:
        _count(rule, "FailedInvocations")
        queue = str((target.get("DeadLetterConfig") or {}).get("Arn", ""))
        if not queue:
            return
        rule_arn = str(rule.get("Arn", ""))
        letter = {"RULE_ARN": rule_arn, "TARGET_ARN": str(target.get("Arn", "")), **failure.attributes()}
        try:
            _send_letter(rule_arn, queue, payload, letter)
        except Undelivered:
            _count(rule, "InvocationsFailedToBeSentToDlq")
        else:
            _count(rule, "InvocationsSentToDlq")


def _send_letter(rule_arn: str, queue_arn: str, payload: str, letter: dict[str, str]) -> None:
    if not Caller(SERVICE, rule_arn).may("sqs:SendMessage", queue_arn):
        raise no_permission("sqs:SendMessage", queue_arn)
    messages.send(queue_arn, payload, MessageAttributes=messages.text_attributes(letter))


def may_call(role_arn: str, rule_arn: str, action: str, target_arn: str) -> bool:
    """Whether a rule may call a target: by the target's policy, or with the role that it names."""
    if role_arn:
        role = ServiceRole(arn=role_arn, service="events", source_arn=rule_arn)
        return role.assumable() and role.allows(action, target_arn)
    return Caller(SERVICE, rule_arn).may(action, target_arn)


def _remembering(invoke: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(invoke)
    def remember(target: Record, event: Any, rule: Record, *rest: Any) -> Any:
        named = {**rule, "Arn": rule.get("Arn") or _rule_arn(rule)}
        token = _delivering.set((target, named))
        try:
            return invoke(target, event, rule, *rest)
        finally:
            _delivering.reset(token)

    return remember


def _rule_arn(rule: Record) -> str:
    bus = str(rule.get("EventBusName", "default"))
    place = "" if bus == "default" else f"{bus}/"
    return f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{place}{rule.get('Name', '')}"


def _count(rule: Record, metric: str) -> None:
    bus, name = str(rule.get("EventBusName", "default")), str(rule.get("Name", ""))
    dimensions = {"RuleName": name} if bus == "default" else {"EventBusName": bus, "RuleName": name}
    metrics.record("AWS/Events", {metric: (1.0, "Count")}, [dimensions])
