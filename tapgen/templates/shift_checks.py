"""Rules on alarms, hooks and traffic shifts: an alarm without data guards nothing, and a guard that is late neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.naming import HOOK_PREFIX, LIVE_ALIAS
from tapgen.templates.resource_checks import of_type
from tapgen.templates.shifts import ROLLBACK_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOOKS = ("BeforeAllowTrafficHook", "AfterAllowTrafficHook")
# CodeDeploy user guide, "quotas".
_MAX_GROUP_ALARMS = 10
_VERSION_DIMENSIONS = frozenset({"FunctionName", "Resource", "ExecutedVersion"})
# The sets of dimensions under which each service publishes (Lambda, API Gateway, DynamoDB and SQS developer guides).
_DIMENSIONS = {
    "AWS/ApiGateway": {frozenset({"ApiId"}), frozenset({"ApiId", "Stage"})},
    "AWS/DynamoDB": {frozenset({"TableName"}), frozenset({"TableName", "Operation"})},
    "AWS/Events": {frozenset({"RuleName"})},
    "AWS/Lambda": {frozenset({"FunctionName"}), frozenset({"FunctionName", "Resource"}), _VERSION_DIMENSIONS},
    "AWS/SQS": {frozenset({"QueueName"})},
}
# Metrics that alarms and dashboard name (the same guides).
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


def find_blind_alarms(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An alarm watches a metric that its service publishes, under dimensions that exist, and says what silence is."""
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm"):
        properties = alarm["Properties"]
        for metric in _metrics_of(properties):
            yield from ((name, text) for text in _blindness(metric))
        if "TreatMissingData" not in properties:
            yield name, "does not say how missing data counts"


def _metrics_of(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    queries = properties.get("Metrics")
    if queries is None:
        return [properties]
    return [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query]


def _blindness(metric: Mapping[str, Any]) -> Iterator[str]:
    namespace = metric["Namespace"]
    if metric["MetricName"] not in METRICS.get(namespace, ()):
        yield f"{namespace} is not known to publish {metric['MetricName']}"
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", ())}
    if frozenset(dimensions) not in _DIMENSIONS.get(namespace, ()):
        yield f"no metric of {namespace} has the dimensions {', '.join(sorted(dimensions)) or '(none)'}"
    if "Resource" in dimensions and dimensions["Resource"] != f"{dimensions['FunctionName']}:{LIVE_ALIAS}":
        yield f"watches {dimensions['Resource']}; the dimension is <function name>:{LIVE_ALIAS}"


def find_unguarded_groups(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A deployment group rolls back for all three reasons, and watches a version."""
    for name, group in of_type(template, "AWS::CodeDeploy::DeploymentGroup"):
        properties = group["Properties"]
        if sorted(properties["AutoRollbackConfiguration"]["Events"]) != sorted(ROLLBACK_EVENTS):
            yield name, "must roll back on failure, alarm and request"
        alarms = [template["Resources"].get(alarm) for alarm in _guards_of(group)]
        if not 0 < len(alarms) <= _MAX_GROUP_ALARMS:
            yield name, f"has {len(alarms)} guard alarms; CodeDeploy takes 1 to {_MAX_GROUP_ALARMS}"
        if not any(_watches_a_version(alarm) for alarm in alarms if alarm):
            yield name, "has no guard alarm on the new version: the old one's errors would decide"


def find_early_shifts(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An alias waits for its group, guards and hooks, which CloudFormation does not read from an UpdatePolicy."""
    for name, alias in of_type(template, "AWS::Lambda::Alias"):
        update = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
        if not update:
            yield name, "moves all traffic at once: give it an UpdatePolicy"
            continue
        group = update["DeploymentGroupName"]["Ref"]
        needed = {group, *_guards_of(template["Resources"][group]), *_hooks_of(update)}
        missing = needed - set(alias.get("DependsOn", ()))
        if missing:
            yield name, f"must depend on {', '.join(sorted(missing))}, or the shift starts before its guards"


def find_unjudged_shifts(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Both hooks of a shift are functions that the template makes, under names by which CodeDeploy may invoke them."""
    functions = dict(of_type(template, "AWS::Lambda::Function"))
    for name, alias in of_type(template, "AWS::Lambda::Alias"):
        update = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
        for event in _HOOKS:
            named = update.get(event, {})
            if isinstance(named, str) and named.startswith(HOOK_PREFIX):
                # Made in another stack, which this one waits for.
                continue
            hook = functions.get(named.get("Ref", "") if isinstance(named, dict) else "")
            if hook is None:
                yield name, f"has no {event} that this template makes: a shift would be judged by its alarms alone"
            elif not hook["Properties"]["FunctionName"].startswith(HOOK_PREFIX):
                yield (
                    name,
                    f"has a {event} without the prefix {HOOK_PREFIX}, which CodeDeploy's managed role cannot call",
                )


def _hooks_of(update: Mapping[str, Any]) -> list[str]:
    return [update[event]["Ref"] for event in _HOOKS if isinstance(update.get(event), dict)]


def _guards_of(group: Mapping[str, Any]) -> list[str]:
    """Logical ids of a group's guards, those that one deployment may go past included; not those of other stacks."""
    alarms = group["Properties"]["AlarmConfiguration"].get("Alarms", ())
    names = [(alarm["Fn::If"][1] if "Fn::If" in alarm else alarm)["Name"] for alarm in alarms]
    return [name["Ref"] for name in names if isinstance(name, dict)]


def _watches_a_version(alarm: Mapping[str, Any]) -> bool:
    return {dimension["Name"] for dimension in alarm["Properties"].get("Dimensions", ())} == _VERSION_DIMENSIONS
