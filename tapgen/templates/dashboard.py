"""The dashboard: golden signals first, then functions by version, table, archive, and the alarms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from troposphere import FindInMap, Join, Ref, Sub, Tags
from troposphere.cloudwatch import Dashboard

from tapgen.templates import wiring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from troposphere.cloudwatch import Alarm

    from tapgen.templates.wiring import Context, Stack

_HALF, _HEIGHT = 12, 6
_PERIOD_S = 60

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
    api_id = stack.take(wiring.API_ID)
    name = context.names.name("dashboard", "service")
    rows = _rows(_api_widgets() + _function_widgets(context) + _data_widgets(context))
    below = rows[-1]["y"] + _HEIGHT
    widgets = [_title(context), *rows, _alarm_widget(alarms) | {"y": below}]
    body = Sub(json.dumps({"widgets": widgets}, sort_keys=True), {"ApiIdentifier": api_id})
    tags = Tags(**context.environment.cost_tags)
    stack.add(TaggedDashboard("Dashboard", DashboardName=name, DashboardBody=body, Tags=tags))
    stack.template.add_mapping("Console", _CONSOLE)
    host = FindInMap("Console", Ref("AWS::Partition"), "Host")
    url = ["https://", host, "/cloudwatch/home?region=", Ref("AWS::Region"), f"#dashboards/dashboard/{name}"]
    stack.give(wiring.DASHBOARD_URL, Join("", url))


def _title(context: Context) -> dict[str, Any]:
    text = f"# {context.names.deployment}\nAPI first, then functions by version, table, archive and alarms."
    return {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"markdown": text}}


def _rows(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two widgets a row, below the title."""
    return [
        widget | {"x": _HALF * (index % 2), "y": 2 + _HEIGHT * (index // 2), "width": _HALF, "height": _HEIGHT}
        for index, widget in enumerate(widgets)
    ]


def _api_widgets() -> list[dict[str, Any]]:
    api = ["ApiId", "${ApiIdentifier}"]
    return [
        _metrics("API requests and errors", [["AWS/ApiGateway", name, *api] for name in ("Count", "4xx", "5xx")]),
        _metrics(
            "API latency (ms)",
            [
                ["AWS/ApiGateway", name, *api, {"stat": stat}]
                for name in ("Latency", "IntegrationLatency")
                for stat in ("p50", "p90", "p99")
            ],
        ),
    ]


def _function_widgets(context: Context) -> list[dict[str, Any]]:
    widgets = []
    for role in ("api", "archiver"):
        function = context.names.function(role)
        live = f"{function}:live"
        by_version = [
            [{"expression": _search(live, metric), "id": f"m{index}", "label": f"{metric} v"}]
            for index, metric in enumerate(("Invocations", "Errors"))
        ]
        widgets += [
            _metrics(f"{role} invocations and errors by version", by_version),
            _metrics(
                f"{role} duration (ms), throttles, concurrency",
                [
                    ["AWS/Lambda", "Duration", "FunctionName", function, {"stat": "p90"}],
                    ["AWS/Lambda", "Throttles", "FunctionName", function, {"stat": "Sum"}],
                    ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", function, {"stat": "Maximum"}],
                ],
            ),
        ]
    return widgets


def _search(live: str, metric: str) -> str:
    """All versions behind the alias, without naming one: they come and go."""
    schema = "{AWS/Lambda,ExecutedVersion,FunctionName,Resource}"
    return f"SEARCH('{schema} MetricName=\"{metric}\" Resource=\"{live}\"', 'Sum', {_PERIOD_S})"


def _data_widgets(context: Context) -> list[dict[str, Any]]:
    table = ["TableName", context.names.table]
    archiver = context.names.function("archiver")
    return [
        _metrics(
            "Table capacity and throttles",
            [
                ["AWS/DynamoDB", name, *table]
                for name in (
                    "ConsumedReadCapacityUnits",
                    "ConsumedWriteCapacityUnits",
                    "ReadThrottleEvents",
                    "WriteThrottleEvents",
                )
            ],
        ),
        _metrics(
            "Table latency (ms)",
            [
                ["AWS/DynamoDB", "SuccessfulRequestLatency", *table, "Operation", operation, {"stat": "Average"}]
                for operation in ("GetItem", "PutItem", "Query", "DeleteItem")
            ],
        ),
        _metrics(
            "Archive lag (ms) and dead letters",
            [
                ["AWS/Lambda", "IteratorAge", "FunctionName", archiver, {"stat": "Maximum"}],
                [
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    "QueueName",
                    context.names.dead_letter_queue,
                    {"stat": "Maximum"},
                ],
            ],
        ),
    ]


def _alarm_widget(alarms: Sequence[Alarm]) -> dict[str, Any]:
    names = [alarm.AlarmName for alarm in alarms]
    listed = [f"arn:${{AWS::Partition}}:cloudwatch:${{AWS::Region}}:${{AWS::AccountId}}:alarm:{name}" for name in names]
    return {
        "type": "alarm",
        "x": 0,
        "width": 24,
        "height": 4,
        "properties": {"title": "Alarms", "alarms": listed},
    }


def _metrics(title: str, metrics: list[Any]) -> dict[str, Any]:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "metrics": metrics,
            "region": "${AWS::Region}",
            "stat": "Sum",
            "period": _PERIOD_S,
            "view": "timeSeries",
            "stacked": False,
        },
    }
