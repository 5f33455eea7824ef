"""Streams of tables that outlive a stop: their records are saved with the tables, and readers go on where they were.

MiniStack saves how far each event source mapping has read, as the number of records since the stream began, but not
the records: after a start the count begins at zero, and a mapping waits for as many changes as it had seen before. A
record is kept for 24 hours on AWS (DynamoDB developer guide, "Change data capture for DynamoDB Streams"), whatever
happens to a reader.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    State = dict[str, Any]

_TABLES = "ministack.services.dynamodb"
_FUNCTIONS = "ministack.services.lambda_svc"
_GET_STATE = Seam(module=_TABLES, attribute="get_state", parameters=(), gap="a stream's records are not saved")
_LOAD_TABLES = Seam(module=_TABLES, attribute="load_persisted_state", parameters=("data",), gap="nor are they restored")
_LOAD_FUNCTIONS = Seam(
    module=_FUNCTIONS,
    attribute="load_persisted_state",
    parameters=("data",),
    gap="a mapping that has read more than the stream holds reads nothing until the stream has caught up",
)
_STORES = ("_stream_records", "_stream_trimmed", "_closed_streams")
SEAMS = (
    _GET_STATE,
    _LOAD_TABLES,
    _LOAD_FUNCTIONS,
    *(Seam(module=_TABLES, attribute=store, parameters=None, gap="read, and filled at a start") for store in _STORES),
    Seam(
        module=_TABLES,
        attribute="stream_end_position",
        parameters=("table_name", "account_id", "region"),
        gap="called only: the number of records since the stream began",
    ),
)


def install(settings: Settings) -> None:
    """Save streams with their tables, and hold the readers' positions to what is there."""
    del settings
    replace(_GET_STATE, _saving(original(_GET_STATE)))
    replace(_LOAD_TABLES, _restoring(original(_LOAD_TABLES)))
    replace(_LOAD_FUNCTIONS, _holding(original(_LOAD_FUNCTIONS)))


def _saving(get_state: Callable[[], State]) -> Callable[[], State]:
    @functools.wraps(get_state)
    def get_with_streams() -> State:
        return {**get_state(), **{store.strip("_"): _copy(getattr(dynamodb, store)) for store in _STORES}}

    return get_with_streams


def _copy(store: Any) -> Any:
    """The store with its lists copied: a record never changes once it is written."""
    copied = AccountRegionScopedDict()
    for (account, region, key), value in store.all_items():
        copied.set_scoped(account, region, key, list(value) if isinstance(value, list) else value)
    return copied


def _restoring(load: Callable[[State], None]) -> Callable[[State], None]:
    @functools.wraps(load)
    def load_with_streams(data: State) -> None:
        # Before the tables: nobody reads the stream of a table that is not there.
        for store in reversed(_STORES):
            getattr(dynamodb, store).update(data.get(store.strip("_"), {}))
        load(data)

    return load_with_streams


def _holding(load: Callable[[State], None]) -> Callable[[State], None]:
    """Tables are loaded first, so what their streams hold is known; the poller starts within ``load``."""

    @functools.wraps(load)
    def load_held(data: State) -> None:
        positions = data.get("dynamodb_stream_positions")
        if isinstance(positions, AccountRegionScopedDict):
            for (account, region, key), mapping in data["esms"].all_items():
                end = _stream_end(mapping, account, region)
                if end is not None and positions.get_scoped(account, region, key, 0) > end:
                    positions.set_scoped(account, region, key, end)
        load(data)

    return load_held


def _stream_end(mapping: State, account: str, region: str) -> int | None:
    """The position behind the newest record of a mapping's stream; None when it reads no table's stream."""
    try:
        source = parse_arn(mapping.get("EventSourceArn", ""))
    except ArnParseError:
        return None
    if source.service != "dynamodb":
        return None
    table = source.resource.split("/")[1]
    return int(dynamodb.stream_end_position(table, account_id=account, region=region))
