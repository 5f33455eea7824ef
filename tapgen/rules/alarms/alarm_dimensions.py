"""An alarm watches a metric that its service publishes, under dimensions that exist, and says what silence is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, listed, mapping
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.templates import Resource, Templates

VERSION_DIMENSIONS = frozenset({"FunctionName", "Resource", "ExecutedVersion"})
# The sets of dimensions under which each service publishes (Lambda, API Gateway, DynamoDB and SQS developer guides).
_DIMENSIONS = {
    "AWS/ApiGateway": {frozenset({"ApiId"}), frozenset({"ApiId", "Stage"})},
    "AWS/DynamoDB": {frozenset({"TableName"}), frozenset({"TableName", "Operation"})},
    "AWS/Events": {frozenset({"RuleName"})},
    "AWS/Lambda": {frozenset({"FunctionName"}), frozenset({"FunctionName", "Resource"}), VERSION_DIMENSIONS},
    "AWS/SQS": {frozenset({"QueueName"})},
}
METRICS = {
    "AWS/ApiGateway": {"4xx", "5xx", "Count", "IntegrationLatency", "Latency"},
    "AWS/DynamoDB": {
        "ConditionalCheckFailedRequests",
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "SuccessfulRequestLatency",
        "SystemErrors",
        "WriteThrottleEvents",
    },
    "AWS/Events": {"Invocations"},
    "AWS/Lambda": {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
}
"""Metrics that alarms and dashboard name (the same guides)."""


def _find(templates: Templates) -> Found:
    for alarm in templates.of_type("AWS::CloudWatch::Alarm"):
        for metric in metrics_of(alarm):
            yield from ((alarm, text) for text in _blindness(metric))
        if "TreatMissingData" not in alarm.properties:
            yield alarm, "does not say how missing data counts"


def metrics_of(alarm: Resource) -> list[Mapping[str, Any]]:
    """The metrics that an alarm reads, each with namespace, name and dimensions."""
    queries = alarm.properties.get("Metrics")
    if queries is None:
        return [alarm.properties]
    return [mapping(mapping(query.get("MetricStat")).get("Metric")) for query in queries if "MetricStat" in query]


def dimensions_of(metric: Mapping[str, Any]) -> dict[str, Any]:
    """Dimension → value."""
    return {str(item.get("Name")): item.get("Value") for item in listed(metric.get("Dimensions"))}


def _blindness(metric: Mapping[str, Any]) -> Iterator[str]:
    namespace, name = metric.get("Namespace", ""), metric.get("MetricName")
    if name not in METRICS.get(namespace, ()):
        yield f"{namespace} is not known to publish {name}"
    dimensions = dimensions_of(metric)
    if frozenset(dimensions) not in _DIMENSIONS.get(namespace, ()):
        yield f"no metric of {namespace} has the dimensions {', '.join(sorted(dimensions)) or '(none)'}"
    if "Resource" in dimensions and dimensions["Resource"] != f"{dimensions.get('FunctionName')}:{LIVE_ALIAS}":
        yield f"watches {dimensions['Resource']}; the dimension is <function name>:{LIVE_ALIAS}"


RULE = Rule(
    id="alarm-dimensions",
    holds="An alarm watches a metric that its service publishes, under a set of dimensions that exists, and says "
    "what missing data means.",
    why="CloudWatch takes any name: an alarm on a metric that nobody publishes has no data and never goes off.",
    source="the chapters on metrics of the developer guides of API Gateway, DynamoDB, EventBridge, Lambda and SQS",
    find=_find,
)
