"""Every part that can fail has an alarm on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule
from tapgen.naming import LIVE_ALIAS, SHIFT_RUNNING
from tapgen.parts.names import physical_name
from tapgen.parts.queue.model import Queue
from tapgen.parts.table.model import Table
from tapgen.rules.alarms.alarm_dimensions import dimensions_of, metrics_of
from tapgen.rules.alarms.conditions import LASTING, Watched, burns, conditions, is_burn, is_guard, watched_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.templates import Resource, Templates

_API, _LAMBDA, _SQS, _DYNAMODB = "AWS/ApiGateway", "AWS/Lambda", "AWS/SQS", "AWS/DynamoDB"


def _find(templates: Templates) -> Found:
    if not templates.whole:
        return
    found: dict[Any, list[str]] = {}
    burning: dict[Any, list[str]] = {}
    for alarm in templates.generated("AWS::CloudWatch::Alarm"):
        if not is_guard(alarm):
            kind = burning if is_burn(alarm) else found
            kind.setdefault(_key(templates, alarm), []).append(str(alarm.get("AlarmName")))
    escalates = bool(templates.environment.alarms.escalate_after_min)
    known = conditions(templates.environment)
    for watched, dimensions, label in _wanted(templates):
        alarms = found.get((watched, dimensions), [])
        metric = " and ".join(item[1] for item in watched)
        warns = known[watched].severity == "warning"
        if not any(not (warns and name.endswith(LASTING)) for name in alarms):
            yield "observability.Resources", f"no alarm watches {metric} of {label}"
        if escalates and warns and not any(name.endswith(LASTING) for name in alarms):
            yield "observability.Resources", f"no alarm says that {metric} of {label} lasts"
    yield from _judge_burns(templates, burning)
    started = ((("AWS/Events", "Invocations", "Sum"),), (templates.names.name("rule", "shift-starts"),))
    if templates.names.alarm(SHIFT_RUNNING) not in found.get(started, []):
        yield "observability.Resources", f"no alarm {templates.names.alarm(SHIFT_RUNNING)} counts the shifts that start"


def _key(templates: Templates, alarm: Resource) -> tuple[Watched, tuple[str, ...]]:
    """What is watched of what: the values of the dimensions, references by the names of what they lead to."""
    found = set()
    for metric in metrics_of(alarm):
        values = dimensions_of(metric).values()
        targets = [(templates.trace(alarm.stack, value), value) for value in values]
        found.add(tuple(sorted(target.resource.type if target else str(value) for target, value in targets)))
    # Metrics of different things are of none.
    return watched_by(alarm), found.pop() if len(found) == 1 else ()


def _wanted(templates: Templates) -> Iterator[tuple[Watched, tuple[str, ...], str]]:
    service, names = templates.environment.service, templates.names
    for part in service.functions:
        function = names.function(part.name)
        live = (function, f"{function}:{LIVE_ALIAS}")
        metrics = [("Errors", "Sum"), ("Throttles", "Sum")]
        metrics += [("Duration", "p90")] if part.answers_requests else []
        yield from ((((_LAMBDA, metric, stat),), live, part.label) for metric, stat in metrics)
        if part.answers_requests:
            yield ((_LAMBDA, "Errors", "Sum"), (_LAMBDA, "Invocations", "Sum")), live, part.label
        if any(isinstance(source.part, Table) for source in part.sources):
            yield ((_LAMBDA, "IteratorAge", "Maximum"),), (function,), part.label
    for queue in service.of(Queue):
        read = any(service.consumers(queue)) and not queue.holds_failures
        metric = "ApproximateNumberOfMessagesVisible" if queue.holds_failures else "ApproximateAgeOfOldestMessage"
        if queue.holds_failures or read:
            yield ((_SQS, metric, "Maximum"),), (physical_name(names, queue),), queue.label
    for table in service.of(Table):
        if not table.existing_arn:
            for kind in ("Read", "Write"):
                yield ((_DYNAMODB, f"{kind}ThrottleEvents", "Sum"),), (physical_name(names, table),), table.label
    if service.api:
        api = ("AWS::ApiGatewayV2::Api",)
        yield ((_API, "5xx", "Sum"),), api, service.api.label
        yield ((_API, "5xx", "Sum"), (_API, "Count", "Sum")), api, service.api.label


def _judge_burns(templates: Templates, found: Mapping[Any, list[str]]) -> Found:
    slo = templates.environment.slo
    if slo is None or templates.environment.service.api is None:
        return
    for watched in burns(templates.environment):
        alarms = [name for key, names in found.items() if key[0] == watched for name in names]
        if len(alarms) != 2 * len(slo.burn_rates):
            text = (
                f"{len(alarms)} alarms watch the burn of an error budget; two of each of `slo.burn_rates` are asked for"
            )
            yield "observability.Resources", text


RULE = Rule(
    id="watched-parts",
    holds="Every function, queue of failures, queue and stream that a function reads, table, and the API has its "
    "alarms, and every objective its windows; with `alarms.escalate_after_min`, each warning has one that says "
    "that it lasts.",
    why="What no alarm watches fails until a caller says so.",
    source='CloudWatch user guide, "Recommended alarms"; `tapgen guide observability`',
    find=_find,
)
