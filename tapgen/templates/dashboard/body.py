"""The whole dashboard: its sections in the order in which somebody looks, and its URL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import FindInMap, Join, Ref, Sub, Tags
from troposphere.cloudwatch import Dashboard

from tapgen.elements import wiring
from tapgen.elements.widgets import GRID, stack_up
from tapgen.parts.function import dashboard as functions
from tapgen.parts.http_api import dashboard as api
from tapgen.parts.http_api.values import API_ID
from tapgen.parts.registry import list_kinds
from tapgen.templates.dashboard import header, objectives, own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere.cloudwatch import Alarm

    from tapgen.elements.widgets import Widget
    from tapgen.elements.wiring import Context, Stack

_ALARM_HEIGHT = 4
_MOST_ALARMS = 100
"""Of an alarm widget."""
_SHOWN = "-PT3H"

# The console's host is not part of the URL suffix (AWS documentation of the China and GovCloud partitions).
_CONSOLE = {
    "aws": {"Host": "console.aws.amazon.com"},
    "aws-cn": {"Host": "console.amazonaws.cn"},
    "aws-us-gov": {"Host": "console.amazonaws-us-gov.com"},
}


class TaggedDashboard(Dashboard):  # type: ignore[misc]  # troposphere has no type information
    """``Dashboard`` with ``Tags``, which AWS::CloudWatch::Dashboard has and troposphere 4.11 forgot."""

    props: ClassVar[dict[str, Any]] = {**Dashboard.props, "Tags": (Tags, False)}


def add_dashboard(stack: Stack, context: Context, alarms: Sequence[Alarm]) -> None:
    """The dashboard and the URL that opens it."""
    stack.template.add_mapping("Console", _CONSOLE)
    host = FindInMap("Console", Ref("AWS::Partition"), "Host")
    name = context.names.name("dashboard", wiring.stack_name("service", context.block))
    values = {"Console": host}
    if context.service.api and context.first:
        values["ApiIdentifier"] = stack.take(API_ID)
    body = Sub(json.dumps(_body(context, alarms), sort_keys=True), values)
    tags = Tags(**context.environment.cost_tags)
    stack.add(TaggedDashboard("Dashboard", DashboardName=name, DashboardBody=body, Tags=tags))
    if not context.first:
        return
    url = ["https://", host, "/cloudwatch/home?region=", Ref("AWS::Region"), f"#dashboards/dashboard/{name}"]
    stack.export(wiring.DASHBOARD_URL, Join("", url))


def _body(context: Context, alarms: Sequence[Alarm]) -> dict[str, Any]:
    served = context.service.api is not None and context.first
    rows = [
        header.title(context),
        _alarms(alarms),
        *(api.golden_signals(context) if served else ()),
        *(objectives.rows(context.environment.slo) if served else ()),
        *functions.versions(context),
        *(api.routes() if served else ()),
        *functions.rows(context),
        *_parts(context),
        *(own.rows(context) if context.first else ()),
    ]
    # Every widget keeps the period that is written on it; CloudWatch would choose one by the time range otherwise.
    return {"start": _SHOWN, "periodOverride": "inherit", "widgets": list(stack_up(rows))}


def _parts(context: Context) -> Iterator[Widget | list[Widget]]:
    """The rows of the parts that keep something."""
    for kind in list_kinds():
        module = kind.load("dashboard") if kind.stack else None
        if module is None:
            continue
        for part in context.service.parts:
            if part.kind == kind.name and context.holds(part):
                yield from module.rows(context, part)


def _alarms(alarms: Sequence[Alarm]) -> dict[str, Any]:
    names = [alarm.AlarmName for alarm in alarms][:_MOST_ALARMS]
    listed = [f"arn:${{AWS::Partition}}:cloudwatch:${{AWS::Region}}:${{AWS::AccountId}}:alarm:{name}" for name in names]
    return {
        "type": "alarm",
        "width": GRID,
        "height": _ALARM_HEIGHT,
        # Those in ALARM come first.
        "properties": {"title": "Alarms", "alarms": listed, "sortBy": "stateUpdatedTimestamp"},
    }
