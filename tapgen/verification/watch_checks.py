"""Whether somebody would hear of trouble: alarms with data, subscriptions, dashboards, and logs that are kept."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from tapgen.aws import alarm_data
from tapgen.aws.dashboards import read_dashboard
from tapgen.aws.log_events import read_retention
from tapgen.aws.topics import list_subscriptions
from tapgen.findings import Report
from tapgen.naming import SHIFT_RUNNING
from tapgen.parts.function.model import HOOKS as HOOK_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tapgen.aws.alarm_data import Metric, WatchingAlarm
    from tapgen.findings import Finding
    from tapgen.verification.deployed import Deployed

# CloudWatch lists a new metric within fifteen minutes (CloudWatch API reference, ListMetrics).
_LISTED_AFTER_MIN = 15
# Metrics that exist only once it has happened; that they are absent is good news.
_ONLY_WHEN_IT_HAPPENS = {
    ("AWS/DynamoDB", name)
    for name in (
        "ConditionalCheckFailedRequests",
        "ReadThrottleEvents",
        "SystemErrors",
        "ThrottledRequests",
        "TransactionConflict",
        "UserErrors",
        "WriteThrottleEvents",
    )
} | {
    ("AWS/Lambda", name)
    for name in ("DeadLetterErrors", "DestinationDeliveryFailures", "ProvisionedConcurrencySpilloverInvocations")
}

# Dimensions that name a resource.
_THINGS = {"ApiId", "BucketName", "FunctionName", "QueueName", "TableName", "TopicName"}


def check_alarm_states(deployed: Deployed) -> Iterator[Finding]:
    """No alarm is red, and each may call for help; that a shift has begun is no trouble."""
    report = Report("alarms-calm")
    listed = _alarms(deployed)
    shift = deployed.names.alarm(SHIFT_RUNNING)
    red = [alarm for alarm in listed if alarm.state == "ALARM" and alarm.name != shift]
    for alarm in red:
        yield report.failed(f"{alarm.name} is in ALARM: {alarm.reason}", f"`tapgen logs {deployed.options}`")
    mute = [alarm for alarm in listed if not alarm.actions_enabled]
    for alarm in mute:
        yield report.failed(f"the actions of {alarm.name} are disabled: it calls nobody", deployed.restore)
    if not listed:
        yield report.failed(f"there is no alarm {deployed.names.prefix}-…", f"`tapgen deploy {deployed.options}`")
    elif not red and not mute:
        yield report.passed(f"{len(listed)} alarms, none of them tells of trouble")


def check_alarm_data(deployed: Deployed) -> Iterator[Finding]:
    """Each alarm watches a metric that is there: an alarm on a metric that never comes stays calm for ever."""
    report = Report("alarms-have-data")
    client = deployed.context.aws.client("cloudwatch")

    @cache
    def known(namespace: str, name: str) -> frozenset[Metric]:
        return alarm_data.list_metrics(client, namespace=namespace, name=name)

    listed_before = deployed.now - timedelta(seconds=_LISTED_AFTER_MIN * deployed.context.minute_s)
    findings = [judge_alarm(report, alarm, deployed, known, listed_before) for alarm in _alarms(deployed)]
    good = [finding for finding in findings if finding.status == "passed"]
    if good:
        yield report.passed(f"{len(good)} alarms watch metrics that are there")
    yield from (finding for finding in findings if finding.status != "passed")


def judge_alarm(
    report: Report,
    alarm: WatchingAlarm,
    deployed: Deployed,
    known: Callable[[str, str], frozenset[Metric]],
    listed_before: datetime,
) -> Finding:
    """One alarm.

    Args:
        report: Makes the finding.
        alarm: The alarm.
        deployed: Whose it is.
        known: The metrics of a namespace and name that had data in the last two weeks.
        listed_before: An alarm that was defined later may watch what CloudWatch does not list yet.
    """
    own = deployed.names.metric_namespace
    absent = [metric for metric in alarm.metrics if metric not in known(metric.namespace, metric.name)]
    missing = [
        metric
        for metric in absent
        if (metric.namespace, metric.name) not in _ONLY_WHEN_IT_HAPPENS and metric.namespace != own
    ]
    if not absent:
        return report.passed(alarm.name)
    text = "; ".join(metric.text for metric in missing or absent)
    if not missing:
        return report.skipped(f"{alarm.name}: {text} is there only once it has happened")
    if alarm.updated_at > listed_before:
        return report.skipped(f"{alarm.name} is new; {text} may not be listed yet", "verify again in 15 minutes")
    blind = [why for metric in missing if (why := _explain_blindness(metric, deployed, known))]
    if blind:
        return report.failed(f"{alarm.name} watches {text}: {'; '.join(blind)}", "correct the alarm's dimensions")
    return report.skipped(f"{alarm.name}: nothing has used what it watches in two weeks: no {text}")


def _explain_blindness(metric: Metric, deployed: Deployed, known: Callable[[str, str], frozenset[Metric]]) -> str:
    """Why a metric without data never has any; empty when its resource, or its version, was just not used."""
    things = {(name, value) for name, value in metric.dimensions if name in _THINGS}
    strange = [value for _, value in things if value not in _physical_ids(deployed)]
    if strange:
        return f"the stack has no {' or '.join(strange)}"
    # Of a resource that was used the metric exists, though not with these dimensions; another version's proves nothing.
    used = [found for found in known(metric.namespace, metric.name) if things & found.dimensions]
    if used and not any(_without_version(found) == _without_version(metric) for found in used):
        return "there is none with these dimensions, though the resource was used"
    return ""


def check_subscriptions(deployed: Deployed) -> Iterator[Finding]:
    """Whoever the configuration names is subscribed, and has confirmed it."""
    report = Report("subscriptions-confirmed")
    for topic in deployed.resources("AWS::SNS::Topic"):
        severity = topic.rpartition("-")[2]
        found = {(item.protocol, item.endpoint): item for item in list_subscriptions(deployed.context.aws, topic)}
        wanted = getattr(deployed.environment.notifications, severity, ())
        if not wanted and not any(item.confirmed for item in found.values()):
            yield report.skipped(f"nobody is configured to hear of {severity} alarms", f"set notifications.{severity}")
            continue
        for endpoint in wanted:
            item = found.get((endpoint.protocol, endpoint.endpoint))
            who = f"{endpoint.protocol} {endpoint.endpoint}"
            if item is None:
                yield report.failed(f"{who} is not subscribed to {severity} alarms", deployed.restore)
            elif not item.confirmed:
                fix = "open the link in the message that SNS sent there, or let the endpoint confirm it"
                yield report.failed(f"{who} has not confirmed its subscription to {severity} alarms", fix)
            else:
                yield report.passed(f"{who} hears of {severity} alarms")


def check_dashboards(deployed: Deployed) -> Iterator[Finding]:
    """The dashboard that the stack made is still there."""
    report = Report("dashboards-exist")
    for name in deployed.resources("AWS::CloudWatch::Dashboard"):
        if read_dashboard(deployed.context.aws, name):
            yield report.passed(f"{name} is there")
        else:
            yield report.failed(f"there is no dashboard {name}", deployed.restore)


def check_retention(deployed: Deployed) -> Iterator[Finding]:
    """Each log group keeps its events for as long as configured: neither for ever, nor too short."""
    report, client = Report("log-retention"), deployed.context.aws.client("logs")
    configured = _retention_days(deployed)
    for group in deployed.resources("AWS::Logs::LogGroup"):
        actual, wanted = read_retention(client, group), configured.get(group)
        if actual is None:
            yield report.failed(f"there is no log group {group}", deployed.restore)
        elif actual == 0:
            yield report.failed(f"{group} keeps its events for ever{_configured(wanted)}", deployed.restore)
        elif wanted not in (None, actual):
            yield report.failed(f"{group} keeps its events for {actual} days{_configured(wanted)}", deployed.restore)
        else:
            yield report.passed(f"{group} keeps its events for {actual} days")


def _alarms(deployed: Deployed) -> tuple[WatchingAlarm, ...]:
    return alarm_data.list_alarms(deployed.context.aws.client("cloudwatch"), prefix=f"{deployed.names.prefix}-")


def _physical_ids(deployed: Deployed) -> set[str]:
    """What the stacks' resources are called, whether their id is a name, a URL or an ARN."""
    ids = [resource.physical_id for stack in deployed.found.stacks for resource in stack.resources]
    return {part for item in ids for part in (item, item.rpartition("/")[2], item.rpartition(":")[2])}


def _without_version(metric: Metric) -> frozenset[tuple[str, str]]:
    return frozenset(item for item in metric.dimensions if item[0] != "ExecutedVersion")


def _retention_days(deployed: Deployed) -> dict[str, int]:
    environment, names = deployed.environment, deployed.names
    functions = environment.functions
    access = {names.access_log_group: environment.api.access_log_retention_days} if environment.service.api else {}
    return {
        **access,
        **{names.function_log_group(role): functions[role].log_retention_days for role in names.functions},
        **{names.hook_log_group(hook): functions[HOOK_SETTINGS].log_retention_days for hook in names.hooks},
    }


def _configured(days: int | None) -> str:
    return f"; configured are {days} days" if days else ""
