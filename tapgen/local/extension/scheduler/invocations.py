"""What a schedule does when it is due: it assumes its role, calls its target, tries again, and writes dead letters.

Source: EventBridge Scheduler user guide, "Setting up the execution role", "Configuring a dead-letter queue", "Managing
targets": context attributes in the input; without an input a function gets an event of the type Scheduled Event. A
universal target is refused: the embedded AWS has no such call.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region

from tapgen.local.extension.asynchronous import targets
from tapgen.local.extension.asynchronous.targets import Target
from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.delivery import messages
from tapgen.local.extension.delivery.failures import Undelivered, no_permission
from tapgen.local.extension.delivery.retries import Failure, RetryPolicy
from tapgen.local.extension.delivery.roles import SEAMS as ROLE_SEAMS
from tapgen.local.extension.delivery.roles import ServiceRole

if TYPE_CHECKING:
    from tapgen.local.extension.time_scale import TimeScale

    Record = dict[str, Any]

SEAMS = (*targets.SEAMS, *messages.SEAMS, *ROLE_SEAMS)

_LOG = logging.getLogger("tapgen.local")


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One time that a schedule is due.

    Attributes:
        schedule: MiniStack's record of it.
        pace: How long an AWS minute takes, for the waits between attempts.
        due: The time that it was due for.
        identifier: The execution's id.
    """

    schedule: Record
    pace: TimeScale
    due: datetime = field(default_factory=lambda: datetime.now(UTC))
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))

    def run(self) -> Failure | None:
        """Call the target until it takes the call or the retry policy ends; why it has not, else None."""
        policy = RetryPolicy.read(self._target.get("RetryPolicy"))
        failure = policy.follow(self._attempt, self.pace)
        if failure is not None:
            _LOG.warning("schedule %s: %s", self.schedule["Arn"], failure.error.message)
            self._count("TargetErrorCount")
            self._bury(failure)
        return failure

    @property
    def _target(self) -> Record:
        return self.schedule.get("Target") or {}

    @property
    def _role(self) -> ServiceRole:
        group = f"arn:aws:scheduler:{get_region()}:{get_account_id()}:schedule-group/{self.schedule['GroupName']}"
        return ServiceRole(arn=str(self._target.get("RoleArn", "")), service="scheduler", source_arn=group)

    def _attempt(self, number: int) -> None:
        self._count("InvocationAttemptCount")
        bus = self._target.get("EventBridgeParameters") or {}
        target = Target(
            arn=str(self._target.get("Arn", "")),
            group_id=str((self._target.get("SqsParameters") or {}).get("MessageGroupId") or ""),
            entry={key: bus[key] for key in ("Source", "DetailType") if key in bus},
        )
        target.deliver(self._payload(number), self._may_call)

    def _may_call(self, action: str, arn: str) -> bool:
        if not self._role.assumable():
            raise Undelivered(
                "AccessDeniedException",
                f"The execution role {self._role.arn} does not allow EventBridge Scheduler to assume it.",
                lasting=True,
            )
        return self._role.allows(action, arn)

    def _payload(self, attempt: int) -> str:
        given = self._target.get("Input")
        if given is None:
            return json.dumps(self._event())
        attributes = {
            "<aws.scheduler.schedule-arn>": self.schedule["Arn"],
            "<aws.scheduler.scheduled-time>": _text(self.due),
            "<aws.scheduler.execution-id>": self.identifier,
            "<aws.scheduler.attempt-number>": str(attempt + 1),
        }
        text = given if isinstance(given, str) else json.dumps(given)
        for name, value in attributes.items():
            text = text.replace(name, value)
        return text

    def _event(self) -> Record:
        return {
            "version": "0",
            "id": self.identifier,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": get_account_id(),
            "time": _text(self.due),
            "region": get_region(),
            "resources": [self.schedule["Arn"]],
            "detail": "{}",
        }

    def _bury(self, failure: Failure) -> None:
        queue = str((self._target.get("DeadLetterConfig") or {}).get("Arn", ""))
        if not queue:
            self._count("InvocationDroppedCount")
            return
        letter = {
            **failure.attributes(),
            "EXECUTION_ID": self.identifier,
            "IS_PAYLOAD_TRUNCATED": "false",
            "SCHEDULED_TIME": _text(self.due),
            "SCHEDULE_ARN": str(self.schedule["Arn"]),
            "TARGET_ARN": str(self._target.get("Arn", "")),
        }
        try:
            if not self._may_send(queue):
                raise no_permission("sqs:SendMessage", queue)
            attributes = messages.text_attributes(letter)
            messages.send(queue, self._payload(failure.retries), MessageAttributes=attributes)
        except Undelivered:
            self._count("InvocationsFailedToBeSentToDeadLetterCount")
        else:
            self._count("InvocationsSentToDeadLetterCount")

    def _may_send(self, queue: str) -> bool:
        return self._role.assumable() and self._role.allows("sqs:SendMessage", queue)

    def _count(self, metric: str) -> None:
        group = {"ScheduleGroup": str(self.schedule["GroupName"])}
        metrics.record("AWS/Scheduler", {metric: (1.0, "Count")}, [{}, group])


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
