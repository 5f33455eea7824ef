"""Rules with a schedule, fired by hand: what each target would get when the rule is due."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge

from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_EVENTS = "ministack.services.eventbridge"
SEAMS = (
    Seam(module=_EVENTS, attribute="_rules", parameters=None, gap="read only: the rules of this account"),
    Seam(module=_EVENTS, attribute="_targets", parameters=None, gap="read only: the targets of a rule"),
    Seam(module=_EVENTS, attribute="_rule_key", parameters=("rule_name", "bus_name"), gap="called only: finds a rule"),
    Seam(
        module=_EVENTS,
        attribute="_invoke_target",
        parameters=("target", "event", "rule"),
        gap="called only: delivers to a target",
    ),
)


def install(settings: Settings) -> None:
    """Nothing is replaced: it only calls."""
    del settings


def fire(rule_arn: str) -> int:
    """Deliver a scheduled event to all targets of a rule, whatever its state; how many there are.

    Raises:
        KeyError: There is no such rule.
    """
    region, account = rule_arn.split(":")[3:5]
    bus, _, name = rule_arn.partition(":rule/")[2].rpartition("/")
    with request_scope(account, region):
        key = eventbridge._rule_key(name, bus or "default")  # noqa: SLF001 - a seam
        rule = eventbridge._rules[key]  # noqa: SLF001 - a seam
        targets = eventbridge._targets.get(key, [])  # noqa: SLF001 - a seam
        for target in targets:
            eventbridge._invoke_target(target, _event(rule), rule)  # noqa: SLF001 - a seam
        return len(targets)


def _event(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "EventId": str(uuid.uuid4()),
        "Source": "aws.events",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": rule.get("EventBusName", "default"),
        "Time": int(datetime.now(UTC).timestamp()),
        "Resources": [rule.get("Arn", "")],
        "Account": get_account_id(),
        "Region": get_region(),
    }
