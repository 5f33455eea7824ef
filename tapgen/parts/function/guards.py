"""The alarms that stop a traffic shift: on the new version alone.

A guard belongs to one version: ``FunctionName``, ``Resource=<function>:live``, ``ExecutedVersion``, a set of dimensions
that exists for calls through an alias (Lambda developer guide, "viewing metrics"). Its name and logical id carry the
version's hash: an alarm that kept its name would stay red from the last bad version and stop the fix within a second,
since updating an alarm leaves its state alone (CloudWatch API reference, PutMetricAlarm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Tags
from troposphere.cloudwatch import Alarm, MetricDimension

from tapgen.elements.alarm import runbook_link
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.elements.wiring import Context
    from tapgen.parts.function.resources import Published

# The shortest that CloudWatch offers for the services' own metrics.
_PERIOD_S = 60
# A consumer of a stream has no caller who waits. A version whose batches come this near to the time limit is about to
# fail them, and then to stop the stream.
_TIMEOUT_SHARE = 0.8
# A first invocation opens connections and is slow: where the shift leaves time for three minutes, two must be slow.
_SLOW_MINUTES, _OF_MINUTES = 2, 3
_UNHURRIED_SHIFT_MIN = 4


def make_guards(context: Context, published: Published) -> list[Alarm]:
    """The guards of one version, not yet in the stack; at most ten fit a deployment group."""
    return [_errors(context, published), _latency(context, published)]


def _errors(context: Context, published: Published) -> Alarm:
    return _version_guard(
        context,
        published,
        what="errors",
        MetricName="Errors",
        Statistic="Sum",
        Threshold=context.environment.alarms.function_errors,
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
    )


def _latency(context: Context, published: Published) -> Alarm:
    environment = context.environment
    timeout_ms = environment.functions[published.part.name].timeout_s * 1000
    slow, of = _slow_minutes(environment)
    return _version_guard(
        context,
        published,
        what="latency",
        MetricName="Duration",
        ExtendedStatistic="p90",
        Threshold=environment.alarms.latency_p90_ms if published.part.answers_requests else timeout_ms * _TIMEOUT_SHARE,
        EvaluationPeriods=of,
        DatapointsToAlarm=slow,
    )


def _slow_minutes(environment: Environment) -> tuple[int, int]:
    """How many of how many minutes must be slow; an alarm that needs longer than the shift would guard nothing."""
    return (_SLOW_MINUTES, _OF_MINUTES) if environment.shift.duration_min >= _UNHURRIED_SHIFT_MIN else (1, 1)


def _version_guard(context: Context, published: Published, *, what: str, **metric: Any) -> Alarm:
    part, version_hash = published.part, published.version_hash
    function = context.names.function(part.name)
    return make_guard(
        context,
        f"{part.logical_id}{what.capitalize()}Guard{version_hash}",
        name=f"guard-{part.name}-{what}-{version_hash}",
        text=f"{what.capitalize()} of one version of {function}",
        runbook=f"guard-{what}",
        Namespace="AWS/Lambda",
        Dimensions=[
            MetricDimension(Name="FunctionName", Value=function),
            # The name form: with an ARN here there is no data, and no data means no alarm.
            MetricDimension(Name="Resource", Value=f"{function}:{LIVE_ALIAS}"),
            MetricDimension(Name="ExecutedVersion", Value=GetAtt(published.version, "Version")),
        ],
        **metric,
    )


def make_guard(context: Context, logical_id: str, *, name: str, text: str, runbook: str, **metric: Any) -> Alarm:
    """An alarm without actions: CodeDeploy reads its state, the alarms of the observability stack call people."""
    return Alarm(
        logical_id,
        AlarmName=context.names.alarm(name),
        AlarmDescription=f"guard: {text}: stops a traffic shift and rolls it back. "
        f"Runbook: {runbook_link(context.environment, runbook)} "
        f"Dashboard: {context.names.name('dashboard', 'service')}",
        Period=_PERIOD_S,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        # A version without traffic is no reason to stop; left out, its alarm would be INSUFFICIENT_DATA for good.
        TreatMissingData="notBreaching",
        Tags=Tags(**context.environment.cost_tags),
        **metric,
    )
