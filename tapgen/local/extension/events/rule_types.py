"""Rules and buses of templates: what EventBridge refuses, and MiniStack's handlers take.

Source: EventBridge API reference, PutRule and PutTargets: a pattern must be one, a bus must exist, a schedule is for
the default bus, a FIFO queue needs a message group. The texts are those of the requests, or [inferred].
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.services import eventbridge

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import already_exists, refuse_create
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

RULE = "AWS::Events::Rule"
_EVENTS = "ministack.services.eventbridge"
SEAMS = (
    cfn.RESOURCE_HANDLERS,
    Seam(
        module=_EVENTS, attribute="_parse_pattern_text", parameters=("pattern_str",), gap="called only: reads a pattern"
    ),
    Seam(
        module=_EVENTS,
        attribute="_validate_schedule_expression",
        parameters=("expr",),
        gap="called only: reads a schedule",
    ),
    Seam(module=_EVENTS, attribute="_event_buses", parameters=None, gap="read only: the buses"),
    Seam(module=_EVENTS, attribute="_rules", parameters=None, gap="read only: the rules"),
    Seam(module=_EVENTS, attribute="_rule_key", parameters=("rule_name", "bus_name"), gap="called only: finds a rule"),
)

_MOST_TARGETS = 5


def install(settings: Settings) -> None:
    """Refuse before anything is made or changed."""
    del settings
    refuse_create(RULE, lambda props: _taken(props) or fault(props))
    handlers = original(cfn.RESOURCE_HANDLERS)[RULE]
    handlers["update"] = _checked(handlers["update"])


def fault(props: Properties) -> str:
    """Why a rule cannot be; empty when it can."""
    return next(_faults(props), "")


def _faults(props: Properties) -> Iterator[str]:
    bus = _bus(props)
    if bus != "default" and bus not in eventbridge._event_buses:  # noqa: SLF001 - a seam
        yield f"Event bus {bus} does not exist."
    pattern, schedule = props.get("EventPattern"), props.get("ScheduleExpression")
    if not pattern and not schedule:
        yield "Parameter(s) EventPattern or ScheduleExpression must be specified."
    if pattern:
        text = pattern if isinstance(pattern, str) else json.dumps(pattern)
        _, reason = eventbridge._parse_pattern_text(text)  # noqa: SLF001 - a seam
        if reason:
            yield f"Event pattern is not valid. Reason: {reason}"
    if schedule and not eventbridge._validate_schedule_expression(str(schedule)):  # noqa: SLF001 - a seam
        yield "Parameter ScheduleExpression is not valid."
    if schedule and bus != "default":
        yield "ScheduleExpression is supported only on the default event bus."
    targets = props.get("Targets") or []
    if len(targets) > _MOST_TARGETS:
        yield f"The requested resource exceeds the maximum number allowed: {len(targets)} targets of {_MOST_TARGETS}."
    for target in targets:
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        if str(target.get("Arn", "")).endswith(".fifo") and ":sqs:" in str(target["Arn"]) and not group:
            yield f"Parameter(s) SqsParameters must be specified for target: {target.get('Id', '')}."


def _checked(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def check_and_update(physical_id: str, old_props: Properties, new_props: Properties, *rest: Any) -> Any:
        reason = fault(new_props)
        if reason:
            raise ValueError(reason)
        return update(physical_id, old_props, new_props, *rest)

    return check_and_update


def _taken(props: Properties) -> str:
    name = str(props.get("Name") or "")
    taken = name and eventbridge._rule_key(name, _bus(props)) in eventbridge._rules  # noqa: SLF001 - a seam
    return already_exists(RULE, name) if taken else ""


def _bus(props: Properties) -> str:
    """A bus may be named by its ARN."""
    return str(props.get("EventBusName") or "default").rpartition("/")[2]
