"""Dashboard, saved queries and golden signals of the deployed service, after real requests and a real archive."""

from __future__ import annotations

import functools
import json
import re
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from handlers.common.failures import FailureLog
from tapgen.config.alarms import LatencyObjective, Slo
from tapgen.config.load import load_environments
from tapgen.naming import Names
from tapgen.telemetry.boards import Graph, read_body
from tapgen.templates.dashboard import objectives
from tapgen.templates.queries import list_queries
from tests.local.api.browser import PROGRAM, opened_page
from tests.local.api.conftest import valid
from tests.local.api.test_replay import archived, until

if TYPE_CHECKING:
    from tests.local.api.conftest import Answer, Service

REPOSITORY = Path(__file__).parents[3]
# What a healthy service never publishes. DynamoDB publishes a metric only while it has a value (DynamoDB developer
# guide, "DynamoDB metrics and dimensions", from where these words are); Lambda publishes Throttles with 0.
ONLY_ON_FAILURE = {
    ("AWS/DynamoDB", "ReadThrottleEvents"): "requests that exceed the provisioned or on-demand read capacity",
    ("AWS/DynamoDB", "WriteThrottleEvents"): "requests that exceed the provisioned or on-demand write capacity",
    ("AWS/DynamoDB", "SystemErrors"): "requests that DynamoDB answered with HTTP 500",
}


class Traffic:
    """Requests of every kind that the service knows, once for all tests."""

    def __init__(self, service: Service) -> None:
        self.user = f"seen-{time.time_ns()}"
        path = f"/users/{self.user}/transactions"
        self.created = service.call("POST", path, valid())
        one = self.created.headers["location"]
        for _ in range(2):
            assert service.call("POST", path, valid(), idempotency_key="twice").status == 201
        for _ in range(5):
            assert service.call("GET", one).status == 200
        assert service.call("GET", path).status == 200
        assert service.call("PUT", one, valid(status="posted"), if_match='"1"').status == 200
        self.conflict = service.call("PUT", one, valid(), if_match='"7"')
        self.missing = service.call("GET", f"{path}/01JDGF3Q1R8S7TZ5V9W2X4Y6ZA")
        self.unknown = service.call("GET", "/nowhere")
        assert service.call("DELETE", one, if_match='"7"').status == 412
        assert service.call("DELETE", one).status == 204
        assert service.call("GET", "/health").status == 200
        user = self.user
        until(lambda: len(archived(service, user)) >= 4)


@pytest.fixture(name="traffic", scope="module")
def _traffic(service: Service) -> Traffic:
    return Traffic(service)


def _metrics(service: Service) -> list[dict[str, Any]]:
    """The queries of every graph of the deployed dashboard, by what they name."""
    cloudwatch = service.project.client("cloudwatch")
    name = service.outputs["DashboardUrl"].rpartition("/")[2]
    body = json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
    return [widget["properties"] for widget in body["widgets"] if widget["type"] == "metric"]


def _pairs(dimensions: list[dict[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((each["Name"], each["Value"]) for each in dimensions)


def test_no_graph_is_dead(service: Service, traffic: Traffic) -> None:
    """Every metric that a graph names is one that the service publishes, or one that AWS publishes on failure alone."""
    listed = {
        (metric["Namespace"], metric["MetricName"], _pairs(metric["Dimensions"]))
        for metric in service.project.client("cloudwatch").list_metrics()["Metrics"]
    }  # fmt: skip

    named, dead = 0, []
    for properties in _metrics(service):
        for metric in properties["metrics"]:
            words = [word for word in metric if isinstance(word, str)]
            if words:
                namespace, name, *rest = words
                key = (namespace, name, frozenset(zip(rest[::2], rest[1::2], strict=True)))
                named += 1
                if key not in listed and key[:2] not in ONLY_ON_FAILURE:
                    dead.append((properties["title"], *words))
    assert dead == []
    assert named > 40


def test_every_graph_has_a_curve(service: Service, traffic: Traffic, tmp_path: Path) -> None:
    """Drawn, each graph has a point of each of its series; those that failures alone fill are known by name."""
    page = tmp_path / "page.html"
    drawn = service.project.run_text_json("dashboard", "--env", "local", "--render", "-o", str(page), "--since", "20m")

    empty = {
        (each["title"], line["label"]) for each in drawn["widgets"] for line in each["series"] if not line["points"]
    }
    assert {title for title, _ in empty} <= {"Throttled (events per minute)", "Errors and conflicts (per minute)"}
    system = {f"system {name}" for name in ("GetItem", "PutItem", "Query", "DeleteItem")}
    assert {label for _, label in empty} <= {"reads throttled", "writes throttled"} | system
    assert all(each["series"] for each in drawn["widgets"])
    by_title = {each["title"]: {line["label"]: line["last"] for line in each["series"]} for each in drawn["widgets"]}
    assert sum(by_title["api: share of invocations by version (%)"].values()) == pytest.approx(100)
    assert set(by_title["Requests by route (per minute)"]) >= {
        "GET /health",
        "POST /users/{userId}/transactions",
        "GET $default",
    }


class _Structure(HTMLParser):
    """What a page holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_page_stands_by_itself(service: Service, traffic: Traffic) -> None:
    """One file: no script, nothing fetched, titles and descriptions for each picture, the live release in its head."""
    html = service.project.run("dashboard", "--env", "local", "-o", "-", "--since", "20m")

    found = _Structure()
    found.feed(html)
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert not re.search(r"url\(|@import|\bon\w+=", html)
    assert not [value for name, value in found.attributes if name == "src"]
    assert found.tags.count("figure") >= 20
    assert found.tags.count("desc") >= 20
    assert "prefers-color-scheme: dark" in html
    assert service.outputs["ReleaseId"] in html
    assert "in ALARM" in html
    assert "NaN" not in html


@pytest.mark.skipif(not PROGRAM, reason="there is no Chromium")
def test_page_in_a_browser(service: Service, traffic: Traffic, tmp_path: Path) -> None:
    """On a phone nothing is wider than the screen, charts are drawn, and the page asks nobody for anything."""
    file = tmp_path / "page.html"
    service.project.run("dashboard", "--env", "local", "-o", str(file), "--since", "20m")

    with opened_page(tmp_path / "profile") as page:
        page.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
        page.call("Page.navigate", url=file.as_uri())
        page.wait_for("document.querySelectorAll('path.line').length > 10")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        widths = page.evaluate(
            "[...document.querySelectorAll('svg.plot')].map(each => each.getBoundingClientRect()).map(box => box.right)"
        )
        assert max(widths) <= 390
        assert [url for url in page.requested if not url.startswith("file:")] == []
        assert page.complaints == []


def test_dashboard_command_says_where_it_is(service: Service) -> None:
    """Without anything, the URL; on the embedded AWS, which has no console, with a word on the way out."""
    done = service.project.start("dashboard", "--env", "local")

    assert done.stdout.strip() == service.outputs["DashboardUrl"]
    assert "--render" in done.stderr


def _ask(service: Service, name: str, **values: str) -> list[dict[str, str]]:
    """The rows of a saved query, run as it is saved."""
    logs = service.project.client("logs")
    saved = logs.describe_query_definitions(queryDefinitionNamePrefix=f"transactions-local/{name}")["queryDefinitions"]
    (query,) = [each for each in saved if each["name"].endswith(f"/{name}")]
    text = (
        query["queryString"]
        .replace("PUT-REQUEST-ID-HERE", values.get("request", ""))
        .replace("PUT-USER-ID-HERE", values.get("user", ""))
    )
    started = logs.start_query(
        logGroupNames=query["logGroupNames"],
        queryString=text,
        startTime=int(time.time()) - 3600,
        endTime=int(time.time()) + 1,
    )
    found = logs.get_query_results(queryId=started["queryId"])
    assert found["status"] == "Complete"
    return [{cell["field"]: cell["value"] for cell in row} for row in found["results"]]


def _id(answer: Answer) -> str:
    return answer.headers["apigw-requestid"]


def test_saved_queries_answer_their_questions(service: Service, traffic: Traffic) -> None:
    """Each saved query, run over lines that the service wrote, has the row that it is asked for."""
    rare = {"server-errors", "throttled-calls"}
    answers: dict[str, Any] = {}
    environment = load_environments(REPOSITORY / "config" / "environments.yaml").resolve("local")
    for query, _ in list_queries(Names(environment), environment.service):
        ask = functools.partial(_ask, service, query.name, request=_id(traffic.conflict), user=traffic.user)
        answers[query.name] = ask() if query.name in rare else until(ask)

    slowest = answers["slowest-requests"]
    figures = [float(row["responseLatencyMs"]) for row in slowest]
    assert figures == sorted(figures, reverse=True)
    assert {"routeKey", "status", "requestId"} <= slowest[0].keys()
    by_route = {(row["routeKey"], row["status"]): int(row["answers"]) for row in answers["errors-by-route"]}
    assert by_route["PUT /users/{userId}/transactions/{transactionId}", "412"] >= 1
    assert by_route["$default", "404"] >= 1
    by_version = {(row["version"], row["status"]) for row in answers["errors-by-route-and-version"]}
    assert {status for _, status in by_version} >= {"404", "412"}
    assert {version for version, _ in by_version} <= {str(number) for number in range(1, 20)}
    logs = {row["@log"].partition(":")[2] for row in answers["one-request"]}
    assert logs == {service.outputs["ApiLogGroupName"], service.outputs["AccessLogGroupName"]}
    assert {row["status"] for row in answers["one-request"]} == {"412"}
    one_user = answers["one-user"]
    assert len(one_user) == 14
    assert one_user[0]["route"] == "DELETE /users/{userId}/transactions/{transactionId}"
    assert sum(int(row["starts"]) for row in answers["cold-starts"]) >= 1
    assert all(float(row["p90_init_ms"]) > 0 for row in answers["cold-starts"])
    assert isinstance(answers["server-errors"], list)


def test_query_for_throttled_calls_finds_429(service: Service) -> None:
    """An answer of 429 is found by its route; the lines of other answers are not."""
    logs, group = service.project.client("logs"), service.outputs["AccessLogGroupName"]
    now_ms = int(time.time() * 1000)
    lines = [{"routeKey": "GET /x", "status": status, "requestId": f"r{status}"} for status in (429, 200)]
    logs.create_log_stream(logGroupName=group, logStreamName=f"throttled-{now_ms}")
    logs.put_log_events(
        logGroupName=group,
        logStreamName=f"throttled-{now_ms}",
        logEvents=[{"timestamp": now_ms, "message": json.dumps(line)} for line in lines],
    )

    assert [row for row in _ask(service, "throttled-calls") if row["routeKey"] == "GET /x"] == [
        {"routeKey": "GET /x", "status": "429", "answers": "1", "example": "r429"}
    ]


def test_query_for_server_errors_finds_what_nobody_caught(service: Service) -> None:
    """Our own line, and the runtime's in both of its forms; a request that went well is none of them."""
    logs, group = service.project.client("logs"), service.outputs["ApiLogGroupName"]
    written: list[str] = []
    with pytest.raises(LookupError), FailureLog(write=written.append):
        raise LookupError("ours")
    runtime = {"errorType": "LookupError", "requestId": "r", "stackTrace": []}
    lines = [
        *written,
        json.dumps({"log_level": "ERROR", "errorMessage": "the runtime's, old", **runtime}),
        json.dumps({"level": "ERROR", "errorMessage": "the runtime's, new", **runtime}),
        json.dumps({"level": "INFO", "message": "request", "errorMessage": "none"}),
    ]
    now_ms = int(time.time() * 1000)
    stream = f"uncaught-{now_ms}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now_ms, "message": line} for line in lines],
    )

    found = [row["errorMessage"] for row in _ask(service, "server-errors") if row["@logStream"] == stream]

    assert sorted(found) == ["ours", "the runtime's, new", "the runtime's, old"]


def test_a_query_that_aws_would_refuse_is_refused(service: Service) -> None:
    """Nothing is half evaluated."""
    logs = service.project.client("logs")
    with pytest.raises(logs.exceptions.MalformedQueryException):
        logs.start_query(
            logGroupNames=[service.outputs["ApiLogGroupName"]],
            queryString="fields a | nonsense",
            startTime=0,
            endTime=1,
        )


def test_golden_signals(service: Service, traffic: Traffic) -> None:
    """Traffic, errors, latency and saturation in 80 columns, by version, and the same as JSON."""
    found = service.project.run_text_json("metrics", "--env", "local", "--since", "20m")
    text = service.project.start("metrics", "--env", "local", "--since", "20m", environ={"COLUMNS": "80"}).stdout

    signals = {signal["name"]: signal for signal in found["api"]}
    assert found["requests"] >= 14
    assert signals["4xx"]["worst"] > 0
    assert 0 < signals["latency p50"]["worst"] <= signals["latency p99"]["worst"]
    assert signals["concurrency"]["worst"] >= 1
    assert sum(version["share"] for version in found["versions"]) == pytest.approx(1)
    newest = found["versions"][0]
    assert {signal["name"] for signal in newest["signals"]} == {
        "requests", "errors", "duration p50", "duration p90", "duration p99"
    }  # fmt: skip
    assert max(map(len, text.splitlines())) <= 80
    assert f"version {newest['version']}: " in text
    assert "latency p99 ms" in text
    only = service.project.run_text_json("metrics", "--env", "local", "--since", "20m", "--version", "999")
    assert only["versions"] == []


def test_error_budgets_are_computed(service: Service, traffic: Traffic) -> None:
    """Without a 5xx all of that budget is left; an objective that no request keeps has overspent its own."""
    latency = LatencyObjective(threshold_ms=1, percent=99)
    slo = Slo(period_days=30, availability_percent=99.9, latency=latency, minimum_requests=1, burn_rates=())
    rows = objectives.rows(slo)
    assert isinstance(rows[1], list)
    placed = [widget | {"y": 0} for widget in rows[1]]
    text = json.dumps({"widgets": placed}).replace("${ApiIdentifier}", service.outputs["ApiId"])
    *gauges, course = read_body(json.loads(text))

    last: dict[str, float] = {}
    for graph in (*gauges, course):
        assert isinstance(graph, Graph)
        found = service.project.client("cloudwatch").get_metric_data(
            MetricDataQueries=list(graph.queries),
            StartTime=datetime.now(UTC) - timedelta(seconds=graph.length_s or 0),
            EndTime=datetime.now(UTC) + timedelta(seconds=60),
            ScanBy="TimestampDescending",
        )
        last |= {result["Id"]: result["Values"][0] for result in found["MetricDataResults"]}
    assert last == {"availability": pytest.approx(100), "latency": pytest.approx(100 * (1 - 1 / 0.01), rel=0.2)}
