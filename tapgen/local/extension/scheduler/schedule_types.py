"""Schedules and groups of requests and templates: what EventBridge Scheduler refuses, and what MiniStack drops.

Source: EventBridge Scheduler API reference, CreateSchedule; CloudFormation template reference,
AWS::Scheduler::Schedule.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import scheduler

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import already_exists, check_answer, refuse_create
from tapgen.local.extension.delivery.roles import SEAMS as ROLE_SEAMS
from tapgen.local.extension.delivery.roles import ServiceRole
from tapgen.local.extension.scheduler.expressions import SEAMS as EXPRESSION_SEAMS
from tapgen.local.extension.scheduler.expressions import Expression
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

SCHEDULE = "AWS::Scheduler::Schedule"
GROUP = "AWS::Scheduler::ScheduleGroup"
_SCHEDULER = "ministack.services.scheduler"
_CREATE = Seam(module=_SCHEDULER, attribute="_create_schedule", parameters=("name", "body"), gap="refuses nothing")
_UPDATE = Seam(module=_SCHEDULER, attribute="_update_schedule", parameters=("name", "body"), gap="refuses nothing")
_NAME = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_physical_name",
    parameters=("stack_name", "logical_id"),
    gap="called only: the name of a resource that the template does not name",
)
SEAMS = (
    _CREATE,
    _UPDATE,
    _NAME,
    *ROLE_SEAMS,
    *EXPRESSION_SEAMS,
    cfn.RESOURCE_HANDLERS,
    Seam(module=_SCHEDULER, attribute="_schedules", parameters=None, gap="read only: the schedules"),
    Seam(module=_SCHEDULER, attribute="_schedule_groups", parameters=None, gap="read only: their groups"),
    Seam(module=_SCHEDULER, attribute="_delete_schedule", parameters=("name", "query"), gap="called only: deletes one"),
    Seam(module=_SCHEDULER, attribute="_schedule_arn", parameters=("group", "name"), gap="called only: its ARN"),
)

_LONGEST_NAME = 64
_PROPERTIES = (
    *("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target", "GroupName", "State"),
    *("Description", "StartDate", "EndDate", "KmsKeyArn", "ActionAfterCompletion"),
)


def install(settings: Settings) -> None:
    """Check requests, and let the type go the same way."""
    del settings
    replace(_CREATE, _checked(original(_CREATE)))
    replace(_UPDATE, _checked(original(_UPDATE)))
    handlers = original(cfn.RESOURCE_HANDLERS)[SCHEDULE]
    handlers["create"], handlers["update"] = _create, _update
    refuse_create(GROUP, _taken_group)


def fault(body: Properties) -> str:
    """Why a schedule cannot be; empty when it can."""
    target = body.get("Target") or {}
    group = str(body.get("GroupName") or "default")
    try:
        Expression.read(body)
    except ValueError as error:
        return str(error)
    group_arn = f"arn:aws:scheduler:{get_region()}:{get_account_id()}:schedule-group/{group}"
    role = ServiceRole(arn=str(target.get("RoleArn", "")), service="scheduler", source_arn=group_arn)
    if target.get("RoleArn") and not role.assumable():
        return "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    if str((target.get("DeadLetterConfig") or {}).get("Arn", "")).endswith(".fifo"):
        return "The dead-letter queue of a schedule must be a standard queue."
    return ""


def _checked(change: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(change)
    def check_and_change(name: str, body: Properties) -> Any:
        reason = fault(body)
        if reason and body.get("ScheduleExpression") and body.get("Target"):
            return scheduler._error(400, "ValidationException", reason)  # noqa: SLF001 - a neighbour of the seams
        return change(name, body)

    return check_and_change


def _create(logical_id: str, props: Properties, stack_name: str) -> tuple[str, Properties]:
    name = props.get("Name") or original(_NAME)(stack_name, logical_id, max_len=_LONGEST_NAME)
    group = props.get("GroupName") or "default"
    if f"{group}/{name}" in scheduler._schedules:  # noqa: SLF001 - a seam
        raise ValueError(already_exists(SCHEDULE, name))
    check_answer(scheduler._create_schedule(name, _body(props)))  # noqa: SLF001 - a seam
    return name, {"Arn": scheduler._schedule_arn(group, name)}  # noqa: SLF001 - a seam


def _update(
    physical_id: str, old_props: Properties, new_props: Properties, stack_name: str, logical_id: str | None = None
) -> tuple[str, Properties]:
    """In place; another name is another schedule, another group moves it."""
    name = new_props.get("Name") or physical_id
    old_group, group = (props.get("GroupName") or "default" for props in (old_props, new_props))
    if name != physical_id:
        return _create(logical_id or physical_id, new_props, stack_name)
    if group != old_group:
        check_answer(scheduler._create_schedule(name, _body(new_props)))  # noqa: SLF001 - a seam
        scheduler._delete_schedule(name, {"groupName": old_group})  # noqa: SLF001 - a seam
    else:
        check_answer(scheduler._update_schedule(name, _body(new_props)))  # noqa: SLF001 - a seam
    return name, {"Arn": scheduler._schedule_arn(group, name)}  # noqa: SLF001 - a seam


def _body(props: Properties) -> Properties:
    return {key: props[key] for key in _PROPERTIES if props.get(key) is not None}


def _taken_group(props: Properties) -> str:
    name = props.get("Name", "")
    return already_exists(GROUP, name) if name in scheduler._schedule_groups else ""  # noqa: SLF001 - a seam
