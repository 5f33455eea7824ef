"""Time to live of tables: what has expired is deleted, and the table's stream tells that nobody did it.

Source: DynamoDB Developer Guide, "DynamoDB Streams and Time to Live": the record of such a deletion has
``userIdentity`` with the service's own name. AWS deletes within a few days; here it takes a minute of the scaled time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ministack.services import dynamodb

from tapgen.local.extension import background
from tapgen.local.extension.seams import Seam
from tapgen.local.extension.time_scale import TimeScale

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.dynamodb"
SEAMS = (
    *background.SEAMS,
    Seam(
        module=_MODULE,
        attribute="_ttl_settings",
        parameters=None,
        gap="read only: what MiniStack's own reaper deletes leaves no record in the stream, and it comes once a minute",
    ),
    Seam(module=_MODULE, attribute="_tables", parameters=None, gap="read only: the tables"),
    Seam(module=_MODULE, attribute="_lock", parameters=None, gap="held while items are deleted"),
    Seam(module=_MODULE, attribute="_stream_records", parameters=None, gap="the new record gets its userIdentity"),
    Seam(
        module=_MODULE, attribute="_remove_item", parameters=("table", "pk_val", "sk_val"), gap="called only: deletes"
    ),
    Seam(
        module=_MODULE,
        attribute="_emit_stream_event",
        parameters=("table_name", "event_name", "old_item", "new_item"),
        gap="called only: writes the record",
    ),
)
_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def install(settings: Settings) -> None:
    """Delete what has expired, again and again."""
    background.repeat(expire, every_s=TimeScale(settings.minute_s).wall_s(60), name="table-expirations")


def expire() -> None:
    """Delete every item that has expired by now."""
    now_s = time.time()
    for _ in background.scopes(dynamodb._ttl_settings):  # noqa: SLF001 - a seam
        for name, setting in list(dynamodb._ttl_settings.items()):  # noqa: SLF001 - a seam
            table = dynamodb._tables.get(name)  # noqa: SLF001 - a seam
            if table and setting.get("TimeToLiveStatus") == "ENABLED":
                with dynamodb._lock:  # noqa: SLF001 - a seam
                    _expire_items(name, table, setting["AttributeName"], now_s)


def _expire_items(name: str, table: dict[str, Any], attribute: str, now_s: float) -> None:
    for partition, items in list(table["items"].items()):
        for sort, item in list(items.items()):
            if is_expired(item.get(attribute), now_s):
                dynamodb._remove_item(table, partition, sort)  # noqa: SLF001 - a seam
                before = len(dynamodb._stream_records.get(name) or ())  # noqa: SLF001 - a seam
                dynamodb._emit_stream_event(name, "REMOVE", item, None)  # noqa: SLF001 - a seam
                records = dynamodb._stream_records.get(name) or []  # noqa: SLF001 - a seam
                if len(records) > before:
                    records[-1]["userIdentity"] = dict(_SERVICE)


def is_expired(value: Any, now_s: float) -> bool:
    """Whether a time to live is over: a number of seconds since the epoch, and not more than five years ago.

    DynamoDB deletes nothing that expired longer ago, nor by anything that is no number (DynamoDB developer guide,
    "Computing Time to Live").
    """
    try:
        expiry_s = float(value["N"])
    except (KeyError, TypeError, ValueError):
        return False
    return now_s - 5 * 365 * 86_400 < expiry_s <= now_s
