"""What watches the service: alarms by severity, who hears of them, the dashboard, saved queries."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.config.environment import Endpoint
from tapgen.rules.alarms.alarm_dimensions import METRICS
from tapgen.templates.dashboard import objectives
from tests.unit.templates.variants import VARIANTS, Template, environment, of_type, only, properties, templates

if TYPE_CHECKING:
    from collections.abc import Iterator


def _observability(name: str = "dev", **changes: Any) -> Template:
    return templates(environment(name, **changes))["observability"]


OWN_METRICS = {
    *("TransactionsCreated", "TransactionDuplicates", "TransactionConflicts", "RequestDuration"),
    *("RecordsArchived", "PoisonRecords"),
}
"""What the functions write in embedded metric format."""


def _statements(template: Template, topic: str) -> dict[str, Template]:
    return {item["Sid"]: item for item in properties(template, f"{topic}Policy")["PolicyDocument"]["Statement"]}


@pytest.mark.parametrize("topic", ["WarningTopic", "CriticalTopic"])
def test_topics_take_alarms_of_this_account_and_events(topic: str) -> None:
    """Alarms are recognised by their ARN; EventBridge sends nothing to recognise a rule by, so it has no condition."""
    statements = _statements(_observability(), topic)

    assert set(statements) == {"PublishAlarms", "PublishEvents", "RefusePlainHttp"}
    condition = statements["PublishAlarms"]["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert condition["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:transactions-dev-eu-west-1-*")
    assert "Condition" not in statements["PublishEvents"]
    assert {tuple(statement["Action"]) for statement in statements.values()} == {("sns:Publish",)}


def test_alarm_names_are_those_that_the_topics_take() -> None:
    """An alarm outside the topic policy's pattern would go off unheard."""
    for alarm in of_type(_observability(), "AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmName"].startswith("transactions-dev-eu-west-1-")


@pytest.mark.parametrize(("name", "encrypted"), [("dev", False), ("prod", True)])
def test_topics_are_encrypted_with_the_key_when_there_is_one(name: str, *, encrypted: bool) -> None:
    """CloudWatch cannot publish to a topic under alias/aws/sns: the key is ours, or there is none."""
    for topic in of_type(_observability(name), "AWS::SNS::Topic").values():
        assert topic["Properties"].get("KmsMasterKeyId") == ({"Ref": "KeyArn"} if encrypted else None)


def test_subscriptions_by_severity() -> None:
    """Each configured endpoint is subscribed to the topic of its severity."""
    endpoints = (Endpoint(protocol="email", endpoint="a@example.com"), Endpoint(protocol="sms", endpoint="+491234"))
    template = _observability(notifications__warning=endpoints, notifications__critical=endpoints[:1])

    found = [item["Properties"] for item in of_type(template, "AWS::SNS::Subscription").values()]
    assert sorted((item["TopicArn"]["Ref"], item["Protocol"], item["Endpoint"]) for item in found) == [
        ("CriticalTopic", "email", "a@example.com"),
        ("WarningTopic", "email", "a@example.com"),
        ("WarningTopic", "sms", "+491234"),
    ]


def test_rules_tell_of_shifts_and_failed_stacks() -> None:
    """Every outcome of a shift is told once, what ended badly to the critical topic; so are failed stacks."""
    rules = {name: item["Properties"] for name, item in of_type(_observability(), "AWS::Events::Rule").items()}

    told = {
        state: rule["Targets"][0]["Arn"]["Ref"]
        for rule in rules.values()
        for state in rule["EventPattern"]["detail"].get("state", ())
    }
    assert told == {
        "START": "WarningTopic",
        "SUCCESS": "WarningTopic",
        "FAILURE": "CriticalTopic",
        "STOP": "CriticalTopic",
    }
    stacks = rules["StackFailuresRule"]
    (prefix,) = stacks["EventPattern"]["detail"]["stack-id"]
    assert prefix["prefix"]["Fn::Sub"].endswith(":stack/transactions-dev-eu-west-1-service")
    assert stacks["Targets"][0]["Arn"] == {"Ref": "CriticalTopic"}


def _dashboard(template: Template) -> Any:
    """The dashboard's body with its placeholders filled in."""
    text, values = only(of_type(template, "AWS::CloudWatch::Dashboard"))["Properties"]["DashboardBody"]["Fn::Sub"]
    assert values == {
        "ApiIdentifier": {"Ref": "ApiId"},
        "Console": {"Fn::FindInMap": ["Console", {"Ref": "AWS::Partition"}, "Host"]},
    }
    filled = re.sub(r"\$\{(?:AWS::)?(\w+)\}", r"\1", text)
    assert "${" not in filled.replace("${!PROP(", "")
    return json.loads(filled.replace("${!", "${"))


def _graphed(body: Any) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(namespace, metric, names of dimensions) of every graph that names a metric."""
    for widget in body["widgets"]:
        for metric in widget["properties"].get("metrics", ()):
            words = [word for word in metric if isinstance(word, str)]
            if words:
                yield words[0], words[1], tuple(words[2::2])


@pytest.mark.parametrize("name", VARIANTS)
def test_dashboard_is_valid(name: str) -> None:
    """Widgets do not overlap, name metrics that their services publish, and alarms that exist."""
    template = templates(VARIANTS[name])["observability"]
    body = _dashboard(template)

    cells = [
        (x, y)
        for item in body["widgets"]
        for x in range(item["x"], item["x"] + item["width"])
        for y in range(item["y"], item["y"] + item["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    for namespace, metric, _ in _graphed(body):
        assert metric in METRICS.get(namespace, OWN_METRICS), metric
    for item in body["widgets"]:
        if item["type"] == "metric":
            _check_expressions(item["properties"]["metrics"])
    (alarms,) = [item["properties"]["alarms"] for item in body["widgets"] if item["type"] == "alarm"]
    names = {alarm["Properties"]["AlarmName"] for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()}
    assert {arn.rpartition(":")[2] for arn in alarms} == names


def _check_expressions(metrics: list[list[Any]]) -> None:
    """Ids are unique, fit for CloudWatch, and every id that an expression names is there; something is visible."""
    options = [metric[-1] if isinstance(metric[-1], dict) else {} for metric in metrics]
    ids = [option["id"] for option in options if "id" in option]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", identifier) for identifier in ids)
    for option in options:
        text = re.sub(r"'[^']*'", "", option.get("expression", ""))
        assert set(re.findall(r"\b[a-z]\w*", text)) <= set(ids), text
    assert any(option.get("visible", True) for option in options)


def test_objectives_have_their_budgets_on_the_dashboard() -> None:
    """What is left of a budget of prod's ``slo`` is one less the bad requests over those that the objective allows."""
    slo = environment("prod").slo
    assert slo is not None
    (widgets,) = [row for row in objectives.rows(slo) if isinstance(row, list)]

    formulas = {metric[0]["id"]: metric[0]["expression"] for metric in widgets[2]["properties"]["metrics"][:2]}
    requests = "RUNNING_SUM(FILL(requests, 0))"
    assert formulas == {
        "availability": f"100 * (1 - RUNNING_SUM(FILL(failures, 0)) / {requests} / 0.001)",
        "latency": f"100 * (1 - RUNNING_SUM(FILL(requests * (100 - fast) / 100, 0)) / {requests} / 0.01)",
    }
    assert sum(widget["width"] for widget in widgets) == 24
    assert {widget["properties"]["start"] for widget in widgets} == {f"-P{slo.period_days}D"}
    shown = {widget["properties"].get("title") for widget in _dashboard(_observability("prod"))["widgets"]}
    assert {"Error budget left: 99.9 % available", "Error budget left: 99 % within 500 ms"} <= shown
    assert objectives.rows(None) == []


def test_the_head_says_what_to_do() -> None:
    """Environment, where the live release stands, the way back, runbooks, and links into this region's console."""
    head = _dashboard(_observability("prod"))["widgets"][0]["properties"]["markdown"]

    assert "**production**" in head
    assert "`tapgen status --env prod`" in head
    assert "`tapgen rollback --env prod`" in head
    assert "`tapgen runbook`" in head
    urls = re.findall(r"\]\((https://[^)]+)", head)
    assert len(urls) >= 8
    assert all(url.startswith("https://Console/") and "Region" in url for url in urls)


def test_the_head_links_to_runbooks_that_are_published() -> None:
    """Where runbooks have an address, it is the one that the alarms name."""
    published = "https://wiki.example.com/runbooks"
    template = _observability("prod", alarms__runbook_base_url=published)

    assert f"[Runbooks]({published})" in _dashboard(template)["widgets"][0]["properties"]["markdown"]


def test_dashboard_shows_functions_by_version_the_api_and_the_table() -> None:
    """The graphs that the service is watched by are there."""
    body = _dashboard(_observability())

    graphed = {(namespace, metric) for namespace, metric, _ in _graphed(body)}
    assert {
        ("AWS/ApiGateway", "5xx"),
        ("AWS/ApiGateway", "Latency"),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
        ("AWS/DynamoDB", "WriteThrottleEvents"),
        ("AWS/Lambda", "Duration"),
        ("AWS/Lambda", "IteratorAge"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    } <= graphed
    searches = re.findall(r"SEARCH\('\{AWS/Lambda,ExecutedVersion,FunctionName,Resource\}[^']*'", json.dumps(body))
    assert {re.search(r"Resource=\\*\"([^\"\\]+)", search)[1] for search in searches} == {  # type: ignore[index]
        "transactions-dev-eu-west-1-api:live",
        "transactions-dev-eu-west-1-archiver:live",
    }


def test_dashboard_url_is_right_in_every_partition() -> None:
    """The console's host is looked up by partition."""
    template = _observability()

    host = template["Outputs"]["DashboardUrl"]["Value"]["Fn::Join"][1][1]
    assert host == {"Fn::FindInMap": ["Console", {"Ref": "AWS::Partition"}, "Host"]}
    assert template["Mappings"]["Console"].keys() == {"aws", "aws-cn", "aws-us-gov"}


def test_saved_queries_look_at_log_groups_that_exist() -> None:
    """A query on a group with another name would find nothing."""
    finished = templates(environment("dev"))
    groups = {
        item["Properties"]["LogGroupName"] for item in of_type(finished["compute"], "AWS::Logs::LogGroup").values()
    }

    queries = of_type(finished["observability"], "AWS::Logs::QueryDefinition").values()
    assert len(queries) >= 4
    assert {name for query in queries for name in query["Properties"]["LogGroupNames"]} <= groups
