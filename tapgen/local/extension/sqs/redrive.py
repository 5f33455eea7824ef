"""Moving dead letters back: StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask.

Source: SQS API reference of the three; developer guide, "Learn how to configure a dead-letter queue redrive in Amazon
SQS": messages go to the queue that they came from, or to one that is named; they are new messages with new ids; one
task per queue at a time; the ten last tasks are listed; the caller needs ReceiveMessage, DeleteMessage and
GetQueueAttributes on the one queue and SendMessage on the other. The texts of refusals are [inferred].
"""

from __future__ import annotations

import contextvars
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id
from ministack.services import sqs

from tapgen.local.extension.delivery import callers
from tapgen.local.extension.seams import Seam, original
from tapgen.local.extension.sqs import one_at_a_time

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

    Request = dict[str, Any]
    Queue = dict[str, Any]

_SQS = "ministack.services.sqs"
SEAMS = (
    *callers.SEAMS,
    one_at_a_time.HANDLERS,
    one_at_a_time.LOCK,
    Seam(module=_SQS, attribute="_queues", parameters=None, gap="read only: the queues of the account and region"),
    Seam(module=_SQS, attribute="_queue_by_arn", parameters=("arn",), gap="read only: a queue by its ARN"),
    Seam(module=_SQS, attribute="_Err", parameters=None, gap="raised: what SQS refuses with"),
)

_LISTED = 10
_FASTEST = 500
_READS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@dataclass
class MoveTask:
    """Messages on their way back from a queue of dead letters."""

    source_arn: str
    destination_arn: str
    per_second: int
    waiting: int
    handle: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    status: str = "RUNNING"
    moved: int = 0
    failure: str = ""

    def describe(self) -> dict[str, Any]:
        """An entry of ListMessageMoveTasks; the handle of a task that runs alone."""
        found: dict[str, Any] = {
            "Status": self.status,
            "SourceArn": self.source_arn,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.waiting,
            "StartedTimestamp": self.started_ms,
        }
        optional = {
            "TaskHandle": self.handle if self.status == "RUNNING" else "",
            "DestinationArn": self.destination_arn,
            "MaxNumberOfMessagesPerSecond": self.per_second,
            "FailureReason": self.failure,
        }
        return found | {key: value for key, value in optional.items() if value}


_tasks: dict[tuple[str, str], list[MoveTask]] = {}
"""By account and source, oldest first. They are gone after a stop, as what they moved is not."""


def install(settings: Settings) -> None:
    """Add the three actions."""
    del settings
    original(one_at_a_time.HANDLERS).update(
        StartMessageMoveTask=_start, ListMessageMoveTasks=_list, CancelMessageMoveTask=_cancel
    )


def _start(data: Request, _: str) -> dict[str, Any]:
    source_arn, destination_arn = str(data.get("SourceArn", "")), str(data.get("DestinationArn") or "")
    source = _queue(source_arn, "SourceArn")
    if not _is_dead_letter_queue(source_arn):
        raise _refusal("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if destination_arn:
        _queue(destination_arn, "DestinationArn")
    per_second = int(data.get("MaxNumberOfMessagesPerSecond") or 0)
    if not 0 <= per_second <= _FASTEST:
        raise _refusal(
            "InvalidParameterValue",
            f"Value {per_second} for parameter MaxNumberOfMessagesPerSecond is invalid. "
            f"Reason: Must be between 1 and {_FASTEST}.",
        )
    _authorize(source, source_arn, destination_arn)
    known = _tasks.setdefault((get_account_id(), source_arn), [])
    if any(task.status == "RUNNING" for task in known):
        raise _refusal(
            "AWS.SimpleQueueService.UnsupportedOperation",
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        )
    task = MoveTask(source_arn, destination_arn, per_second, len(source["messages"]))
    known[:] = [*known, task][-_LISTED:]
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_move, task, source), name="message-move", daemon=True).start()
    return {"TaskHandle": task.handle}


def _list(data: Request, _: str) -> dict[str, Any]:
    source_arn = str(data.get("SourceArn", ""))
    _queue(source_arn, "SourceArn")
    most = int(data.get("MaxResults") or 1)
    found = _tasks.get((get_account_id(), source_arn), [])
    return {"Results": [task.describe() for task in reversed(found)][:most]}


def _cancel(data: Request, _: str) -> dict[str, Any]:
    handle = str(data.get("TaskHandle", ""))
    for (account, _source), tasks in _tasks.items():
        for task in tasks:
            if account == get_account_id() and task.handle == handle and task.status == "RUNNING":
                task.status = "CANCELLED"
                return {"ApproximateNumberOfMessagesMoved": task.moved}
    raise _refusal("ResourceNotFoundException", "The task handle does not belong to a task that is running.", 404)


def _move(task: MoveTask, source: Queue) -> None:
    """Move what lay in the queue when the task began."""
    for _ in range(task.waiting):
        if task.status != "RUNNING" or not _move_one(task, source):
            break
        if task.per_second:
            time.sleep(1 / task.per_second)
    if task.status == "RUNNING":
        task.status = "COMPLETED"


def _move_one(task: MoveTask, source: Queue) -> bool:
    with original(one_at_a_time.LOCK):
        message = next((each for each in source["messages"] if each["visible_at"] <= time.time()), None)
        if message is None:
            return False
        target_arn = task.destination_arn or str(message["sys"].get("DeadLetterQueueSourceArn", ""))
        target = sqs._queue_by_arn(target_arn) if target_arn else None  # noqa: SLF001 - a seam
        if target is None:
            task.status, task.failure = "FAILED", "CouldNotDetermineMessageSource"
            return False
        source["messages"].remove(message)
        # The group and its order stay; a deduplication id would drop what was sent within the last five minutes.
        request = {
            "QueueUrl": target["url"],
            "MessageBody": message["body"],
            "MessageAttributes": message.get("message_attributes") or {},
            "MessageGroupId": message.get("group_id"),
            "MessageDeduplicationId": str(uuid.uuid4()) if target["is_fifo"] else None,
        }
        original(one_at_a_time.HANDLERS)["SendMessage"](request, target["url"])
        task.moved += 1
        return True


def _queue(arn: str, parameter: str) -> Queue:
    queue: Queue | None = sqs._queue_by_arn(arn) if arn else None  # noqa: SLF001 - a seam
    if queue is None:
        raise _refusal(
            "ResourceNotFoundException",
            f"The resource that you specified for the {parameter} parameter doesn't exist.",
            404,
        )
    return queue


def _is_dead_letter_queue(arn: str) -> bool:
    policies = (queue["attributes"].get("RedrivePolicy") for queue in sqs._queues.values())  # noqa: SLF001 - a seam
    return any(json.loads(policy).get("deadLetterTargetArn") == arn for policy in policies if policy)


def _authorize(source: Queue, source_arn: str, destination_arn: str) -> None:
    origins = {str(each.get("sys", {}).get("DeadLetterQueueSourceArn", "")) for each in source["messages"]}
    targets = {destination_arn} if destination_arn else origins - {""}
    wanted = [(action, source_arn) for action in _READS] + [("sqs:SendMessage", arn) for arn in sorted(targets)]
    for action, arn in wanted:
        if not callers.may(action, arn):
            raise _refusal(
                "AccessDenied",
                f"User: {callers.arn()} is not authorized to perform: {action} on resource: {arn} because no "
                f"identity-based policy allows the {action} action",
                403,
            )


def _refusal(code: str, message: str, status: int = 400) -> Exception:
    error: Exception = sqs._Err(code, message, status)  # noqa: SLF001 - a seam
    return error
