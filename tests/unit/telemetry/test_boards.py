"""A dashboard's body as typed widgets, and widgets with their series as a page: no AWS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tapgen.aws.metrics import Series
from tapgen.charts.model import Marker
from tapgen.telemetry import markdown
from tapgen.telemetry.boards import AlarmList, Graph, Unknown, Words, read_body, relative_s
from tapgen.telemetry.collecting import window
from tapgen.telemetry.drawing import AlarmState, Moment, Page, draw

_PLACE = {"x": 0, "y": 0, "width": 12, "height": 6}
_BODY = {
    "widgets": [
        {"type": "metric", **_PLACE, "y": 9, "properties": {
            "title": "Requests", "period": 60, "stat": "Sum", "start": "-P30D",
            "metrics": [
                ["AWS/ApiGateway", "Count", "ApiId", "a", {"id": "all", "visible": False}],
                [".", "5xx", ".", ".", {"id": "bad", "stat": "Maximum", "color": "#d62728"}],
                ["...", "b", {"yAxis": "right"}],
                [{"expression": "100 * bad / all", "id": "share", "label": "share"}],
            ],
            "yAxis": {"left": {"label": "%", "min": 0, "max": 100}},
            "annotations": {"horizontal": [{"value": 3, "label": "too many"}]},
        }},
        {"type": "text", **_PLACE, "properties": {"markdown": "# Hello\n**bold** `code` [a](https://x.y/z?~(q~'r))"}},
        {"type": "alarm", **_PLACE, "y": 4, "properties": {
            "title": "Alarms",
            "alarms": ["arn:aws:cloudwatch:r:1:alarm:svc-errors", "arn:aws:cloudwatch:r:1:alarm:svc-lag"],
        }},
        {"type": "log", **_PLACE, "y": 20, "properties": {"title": "Lines"}},
    ]
}  # fmt: skip


def test_body_becomes_widgets_in_the_order_of_reading() -> None:
    """Each kind is known, or kept by its name; shorthands are written out; hidden queries return nothing."""
    words, alarms, graph, other = read_body(_BODY)

    assert isinstance(words, Words)
    assert isinstance(alarms, AlarmList)
    assert alarms.names == ("svc-errors", "svc-lag")
    assert isinstance(other, Unknown)
    assert other.kind == "log"
    assert isinstance(graph, Graph)
    assert graph.length_s == 30 * 86400
    assert [query["Id"] for query in graph.queries] == ["all", "bad", "unnamed2", "share"]
    assert [query["ReturnData"] for query in graph.queries] == [False, True, True, True]
    named = [query["MetricStat"]["Metric"] for query in graph.queries[:3]]
    assert [(each["MetricName"], each["Dimensions"][0]["Value"]) for each in named] == [
        ("Count", "a"), ("5xx", "a"), ("5xx", "b")
    ]  # fmt: skip
    assert [query["MetricStat"]["Stat"] for query in graph.queries[:3]] == ["Sum", "Maximum", "Sum"]
    assert graph.queries[3]["Expression"] == "100 * bad / all"
    assert graph.shown.keys() == {"bad", "unnamed2", "share"}
    assert graph.shown["unnamed2"].axis == "right"
    assert graph.levels[0].value == 3


@pytest.mark.parametrize(
    ("text", "seconds"), [("-PT3H", 10800), ("-P30D", 2592000), ("-P1DT2H30M", 95400), ("", None), ("2025-01-01", None)]
)
def test_relative_starts(text: str, seconds: float | None) -> None:
    """What CloudWatch writes for "the last so and so long"."""
    assert relative_s(text) == seconds


def test_markdown() -> None:
    """The words of text widgets, escaped, with links whose addresses have brackets of their own."""
    html = markdown.to_html("# A <b>\nline **one** and `code`\n\n[logs](https://x.y/#l:?~(a~'b)) · end")
    assert "<h2>A &lt;b&gt;</h2>" in html
    assert "<p>line <strong>one</strong> and <code>code</code></p>" in html
    assert '<a href="https://x.y/#l:?~(a~&#x27;b)">logs</a> · end' in html


def _page(**changes: object) -> str:
    widgets = read_body(_BODY)
    start = 1_764_000_000.0
    found = (
        Series(id="bad", label="5xx", points=((start, 1.0), (start + 60, 0.0))),
        Series(id="share", label="share", points=(), complete=False, message="partly"),
    )
    markers = (Marker(at=start + 60, label="#3 deploy"),)
    settings = {
        "title": "svc",
        "facts": (("environment", "dev"),),
        "widgets": widgets,
        "series": ((), (), found, ()),
        "alarms": {"svc-errors": AlarmState(name="svc-errors", state="ALARM", text="5 > 1")},
        "moment": Moment(start=start, end=start + 600, minute_s=0.5, markers=markers),
    }
    return draw(Page(**(settings | changes)))  # type: ignore[arg-type]


def test_page_shows_every_widget_and_what_happened() -> None:
    """Words, alarms with their reasons first, graphs with what is missing, releases once, and the speed of time."""
    html = _page()

    assert "1 of 2 in ALARM" in html
    assert "svc-errors: 5 &gt; 1" in html
    assert "lag: missing" in html
    assert html.index("errors: ALARM") < html.index("lag: missing")
    assert "share <b>no data</b>" in html
    assert "<small>partly</small>" in html
    assert html.count("#3 deploy") == 1
    assert "too many" in html
    assert "a minute of its periods takes 0.5 s" in html
    assert "kind log is not drawn" in html


def test_window_is_in_whole_minutes_of_the_target() -> None:
    """Both ends lie on a minute, the end behind now, so that the running minute is in."""
    now = datetime(2025, 11, 24, 12, 0, 30, tzinfo=UTC)
    found = window(now, timedelta(hours=1), minute_s=60)
    assert found.end == datetime(2025, 11, 24, 12, 1, tzinfo=UTC)
    assert found.start == datetime(2025, 11, 24, 11, 1, tzinfo=UTC)
    fast = window(now, timedelta(minutes=1), minute_s=0.5)
    assert fast.end - fast.start == timedelta(minutes=1)
    assert fast.end > now
