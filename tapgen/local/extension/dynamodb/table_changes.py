"""Changes of a table that DynamoDB takes one at a time: its expiry attribute, and what its stream shows.

MiniStack takes any change at once. Sources: DynamoDB API reference, UpdateTimeToLive (one change an hour) and
UpdateTable; the descriptions in the schema of AWS::DynamoDB::Table ("you must first disable TTL and then enable TTL
with the new attribute name"; "when you modify the StreamViewType property, DynamoDB creates a new stream"). The texts
are AWS's own, from public reports: aws/aws-cdk#25655 (a specification that is left out), terraform-provider-aws.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json
from ministack.services import dynamodb

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import check_request, complete, invalid_request
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

_MODULE = "ministack.services.dynamodb"
_UPDATE_TTL = Seam(
    module=_MODULE,
    attribute="_update_ttl",
    parameters=("data",),
    gap="takes another attribute while one is active, and any number of changes",
)
_UPDATE_TABLE = Seam(
    module=_MODULE,
    attribute="_update_table",
    parameters=("data",),
    gap="lets a stream show something else without making another stream",
)
SEAMS: tuple[Seam, ...] = (
    _UPDATE_TTL,
    _UPDATE_TABLE,
    cfn.RESOURCE_HANDLERS,
    Seam(module=_MODULE, attribute="_tables", parameters=None, gap="read only: the tables"),
    Seam(module=_MODULE, attribute="_ttl_settings", parameters=None, gap="read only: what expires by what"),
)

_TABLE = "AWS::DynamoDB::Table"
_EXPIRY = "TimeToLiveSpecification"
_STREAM = "StreamSpecification"
_INTERVAL_S = 3600
_changed_s: dict[str, float] = {}
"""Table id → when its expiry was changed last, by the monotonic clock."""


def install(settings: Settings) -> None:
    """Refuse what DynamoDB refuses, and change streams as CloudFormation does."""
    interval_s = TimeScale(settings.minute_s).wall_s(_INTERVAL_S)
    replace(_UPDATE_TTL, _one_at_a_time(original(_UPDATE_TTL), interval_s=interval_s))
    replace(_UPDATE_TABLE, _one_stream(original(_UPDATE_TABLE)))
    handlers = original(cfn.RESOURCE_HANDLERS)[_TABLE]
    handlers["update"] = _with_new_stream(handlers["update"])
    complete(_TABLE, _change_expiry)


def expiry_fault(setting: Mapping[str, Any], wanted: Mapping[str, Any], *, since_s: float, interval_s: float) -> str:
    """Why DynamoDB refuses a change of a table's expiry; empty when it does not.

    Args:
        setting: MiniStack's, empty for a table that never had one.
        wanted: The request's specification.
        since_s: Seconds since the last change.
        interval_s: Seconds that must be between two.
    """
    active, current = setting.get("TimeToLiveStatus") == "ENABLED", setting.get("AttributeName")
    if active and wanted.get("AttributeName") != current:
        return f"TimeToLive is active on a different AttributeName: current AttributeName is {current}"
    if active == bool(wanted.get("Enabled")):
        return f"TimeToLive is already {'enabled' if active else 'disabled'}"
    if since_s < interval_s:
        return "Time to live has been modified multiple times within a fixed interval"
    return ""


def _one_at_a_time(update: Callable[[Any], Any], *, interval_s: float) -> Callable[[Any], Any]:
    @functools.wraps(update)
    def guarded(data: Properties) -> Any:
        name, wanted = str(data.get("TableName", "")).rpartition("/")[2], data.get(_EXPIRY) or {}
        table = dynamodb._tables.get(name)  # noqa: SLF001 - a seam
        if table is None or not wanted.get("AttributeName"):
            return update(data)
        setting = dynamodb._ttl_settings.get(name) or {}  # noqa: SLF001 - a seam
        since_s = time.monotonic() - _changed_s.get(table["TableId"], float("-inf"))
        reason = expiry_fault(setting, wanted, since_s=since_s, interval_s=interval_s)
        if reason:
            return error_response_json("ValidationException", reason, 400)
        _changed_s[table["TableId"]] = time.monotonic()
        return update(data)

    return guarded


def _change_expiry(name: str, props: Properties, old: Properties) -> None:
    """What CloudFormation asks of DynamoDB when the template's expiry has changed.

    Raises:
        ValueError: It cannot be; the text is AWS's.
    """
    wanted, before = _booleans(props.get(_EXPIRY) or {}), _booleans(old.get(_EXPIRY) or {})
    if wanted == before or not (wanted.get("Enabled") or before.get("Enabled")):
        return
    if not wanted.get("AttributeName"):
        raise ValueError(
            invalid_request(
                "AttributeName property of TimeToLiveSpecification is required when TTL status is enabled or while "
                "enabling/disabling TTL."
            )
        )
    check_request(dynamodb._update_ttl({"TableName": name, _EXPIRY: wanted}))  # noqa: SLF001 - a seam


def _one_stream(update: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(update)
    def guarded(data: Properties) -> Any:
        name = str(data.get("TableName", "")).rpartition("/")[2]
        table = dynamodb._tables.get(name)  # noqa: SLF001 - a seam
        if table is not None and _STREAM in data:
            enabled = bool((table.get(_STREAM) or {}).get("StreamEnabled"))
            if enabled == bool(data[_STREAM].get("StreamEnabled")):
                what = "already has an enabled stream" if enabled else "has no stream to disable"
                return error_response_json("ValidationException", f"Table {what}: TableName: {name}", 400)
        return update(data)

    return guarded


def _with_new_stream(update: Callable[..., Any]) -> Callable[..., Any]:
    """CloudFormation turns the stream off and on again for another view, which makes another stream."""

    @functools.wraps(update)
    def updated(physical_id: str, old_props: Properties, new_props: Properties, *rest: Any) -> Any:
        old, new = old_props.get(_STREAM), new_props.get(_STREAM)
        if not old or not new:
            return update(physical_id, old_props, new_props, *rest)
        if old.get("StreamViewType") == new.get("StreamViewType"):
            return update(physical_id, {**old_props, _STREAM: new}, new_props, *rest)
        off = {"TableName": physical_id, _STREAM: {"StreamEnabled": False}}
        check_request(dynamodb._update_table(off))  # noqa: SLF001 - a seam
        return update(physical_id, {**old_props, _STREAM: None}, new_props, *rest)

    return updated


def _booleans(value: Properties) -> Properties:
    """The properties with the booleans that a template may carry as text."""
    words = {"true": True, "false": False}
    return {key: words.get(str(item).lower(), item) for key, item in value.items()}
