"""CloudWatch alarms in CloudFormation: alarms over several metrics, and composite alarms."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudwatch import alarm_math
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_CLOUDWATCH = "ministack.services.cloudwatch"
_RECORD = Seam(
    module=_PROVISIONERS,
    attribute="_cw_metric_alarm_record",
    parameters=("name", "props"),
    gap="refuses an alarm with Metrics; AWS evaluates the expression that returns data",
)
_PUT_METRIC_ALARM = Seam(
    module=_CLOUDWATCH,
    attribute="_put_metric_alarm",
    parameters=("params", "cbor_data", "is_cbor", "is_json"),
    gap="drops Metrics of PutMetricAlarm, so that the alarm is never evaluated",
)
_PUT_COMPOSITE_ALARM = Seam(
    module=_CLOUDWATCH,
    attribute="_put_composite_alarm",
    parameters=("params", "cbor_data", "is_cbor", "is_json"),
    gap="called only: PutCompositeAlarm, which CloudFormation has no type for",
)
_DELETE_ALARMS = Seam(
    module=_CLOUDWATCH,
    attribute="_delete_alarms",
    parameters=("params", "cbor_data", "is_cbor", "is_json"),
    gap="called only: DeleteAlarms",
)
SEAMS = (
    cfn.RESOURCE_HANDLERS,
    _RECORD,
    _PUT_METRIC_ALARM,
    _PUT_COMPOSITE_ALARM,
    _DELETE_ALARMS,
    Seam(module=_PROVISIONERS, attribute="_physical_name", parameters=("stack_name", "logical_id"), gap="called only"),
    Seam(module=_PROVISIONERS, attribute="_STACK_TAG_PROPERTY", parameters=None, gap="lacks CompositeAlarm"),
    Seam(
        module=_CLOUDWATCH,
        attribute="cloudformation_set_metric_alarm_tags",
        parameters=("name", "tags"),
        gap="called only: the tags of an alarm by its name",
    ),
)

COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
_SUPPRESSION = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def install(settings: Settings) -> None:
    """Accept alarms with Metrics from both sides, and the composite type."""
    del settings
    _accept_metrics_in_templates()
    _accept_metrics_in_requests()
    handlers = {"create": create_composite, "update": update_composite, "delete": delete_composite}
    provisioners._RESOURCE_HANDLERS[COMPOSITE] = handlers  # noqa: SLF001 - a seam
    provisioners._STACK_TAG_PROPERTY[COMPOSITE] = ("Tags", "list")  # noqa: SLF001 - a seam


def create_composite(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    """Create a composite alarm; ``Ref`` is its name, ``Arn`` its only attribute."""
    name = props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)  # noqa: SLF001 - a seam
    return _put_composite(name, props)


def update_composite(
    physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
) -> tuple[str, dict[str, Any]]:
    """Update a composite alarm in place; its state stays until the new rule says otherwise."""
    del old, stack_name
    return _put_composite(physical_id, new)


def delete_composite(physical_id: str, props: dict[str, Any]) -> None:
    """Delete a composite alarm."""
    del props
    _require_success(cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, False, True))  # noqa: SLF001, FBT003 - a seam


def _put_composite(name: str, props: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    request = {key: value for key, value in props.items() if key != "Tags"} | {"AlarmName": name}
    if "ActionsEnabled" in request:
        request["ActionsEnabled"] = str(request["ActionsEnabled"]).lower() == "true"
    _require_success(cloudwatch._put_composite_alarm({}, request, False, True))  # noqa: SLF001, FBT003 - a seam
    tags = [tag for tag in props.get("Tags") or [] if isinstance(tag, dict) and tag.get("Key")]
    cloudwatch.cloudformation_set_metric_alarm_tags(name, tags)
    alarm = cloudwatch._composite_alarms[name]  # noqa: SLF001 - a seam
    alarm.update({key: props[key] for key in _SUPPRESSION if key in props})
    return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}


def _require_success(response: tuple[int, dict[str, str], bytes]) -> None:
    status, _, body = response
    if status >= 400:
        answer = json.loads(body)
        raise ValueError(str(answer.get("message") or answer.get("Message") or answer))


def _accept_metrics_in_templates() -> None:
    record = original(_RECORD)

    @functools.wraps(record)
    def with_metrics(name: str, props: dict[str, Any]) -> dict[str, Any]:
        if not props.get("Metrics"):
            alarm: dict[str, Any] = record(name, props)
            return alarm
        metrics = alarm_math.typed_queries(props["Metrics"])
        alarm_math.check(metrics, threshold_id=props.get("ThresholdMetricId"))
        # The placeholders satisfy checks that only concern alarms over one metric.
        single = {key: value for key, value in props.items() if key != "Metrics"}
        alarm = record(name, single | {"MetricName": "-", "Namespace": "-"})
        return _over_metrics(alarm, metrics, props.get("ThresholdMetricId"))

    replace(_RECORD, with_metrics)


def _accept_metrics_in_requests() -> None:
    put = original(_PUT_METRIC_ALARM)

    @functools.wraps(put)
    def with_metrics(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:  # noqa: FBT001, FBT002 - MiniStack's signature
        metrics = alarm_math.typed_queries(data.get("Metrics") or [])
        try:
            alarm_math.check(metrics, threshold_id=data.get("ThresholdMetricId"))
        except ValueError as error:
            return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)  # noqa: SLF001 - a seam
        response = put(params, data, is_cbor, is_json)
        if metrics and response[0] < 400:
            alarm = cloudwatch._alarms[data["AlarmName"]]  # noqa: SLF001 - a seam
            _over_metrics(alarm, metrics, data.get("ThresholdMetricId"))
        return response

    replace(_PUT_METRIC_ALARM, with_metrics)


def _over_metrics(alarm: dict[str, Any], metrics: list[dict[str, Any]], threshold_id: str | None) -> dict[str, Any]:
    """Turn a record of an alarm over one metric into one over several, compared with a threshold or with a band."""
    for key in _ONE_METRIC:
        alarm.pop(key, None)
    alarm["Metrics"] = metrics
    alarm.pop("ThresholdMetricId", None)
    if threshold_id:
        alarm.pop("Threshold", None)
        alarm["ThresholdMetricId"] = threshold_id
    return alarm
