"""Looks at alarms by the beginning of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.failures import translated
from tapgen.model import GuardAlarm

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


def read_alarms(aws: Aws, *, prefix: str) -> tuple[GuardAlarm, ...]:
    """Metric alarms whose names begin with ``prefix``, with their states and CloudWatch's reasons."""
    with translated(f"look at the alarms {prefix}*"):
        pages = aws.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
        return tuple(
            GuardAlarm(name=alarm["AlarmName"], state=alarm["StateValue"], reason=alarm.get("StateReason", ""))
            for page in pages
            for alarm in page["MetricAlarms"]
        )
