"""The metric of EventBridge rules: how often each has invoked a target.

Source: EventBridge User Guide, "Monitoring Amazon EventBridge"; RuleName alone stands for the default bus.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_INVOKE = Seam(
    module="ministack.services.eventbridge",
    attribute="_invoke_target",
    parameters=("target", "event", "rule"),
    gap="publishes no metrics",
)
SEAMS = (_INVOKE,)


def install(settings: Settings) -> None:
    """Publish the metric."""
    del settings
    replace(_INVOKE, _counted(original(_INVOKE)))


def _counted(invoke: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(invoke)
    def counted(target: Any, event: Any, rule: dict[str, Any], *args: Any) -> Any:
        bus, name = rule.get("EventBusName", "default"), str(rule["Name"])
        dimensions = {"RuleName": name} if bus == "default" else {"EventBusName": bus, "RuleName": name}
        metrics.record("AWS/Events", {"Invocations": (1.0, "Count")}, [dimensions])
        return invoke(target, event, rule, *args)

    return counted
