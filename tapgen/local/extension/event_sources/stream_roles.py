"""Streams are read with the function's role: a mapping whose role may not read gets no records.

Source: Lambda Developer Guide, "Process DynamoDB records with Lambda", "Execution role permissions".
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import dynamodb, lambda_svc

from tapgen.local.extension.event_sources import mapping_rules
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.settings import Settings

    Found = tuple[str, str, dict[str, Any]]

_LAMBDA = "ministack.services.lambda_svc"
_MAPPINGS = Seam(
    module=_LAMBDA,
    attribute="_iter_all_esms",
    parameters=(),
    gap="gives mappings to read for without asking whether their role may read",
)
SEAMS = (
    *mapping_rules.SEAMS,
    _MAPPINGS,
    Seam(module=_LAMBDA, attribute="_dynamodb_stream_positions", parameters=None, gap="read only: how far each is"),
    Seam(
        module="ministack.services.dynamodb",
        attribute="stream_end_position",
        parameters=("table_name",),
        gap="called only: how far a stream reaches",
    ),
)
_DENIED_S = 0.5

_denied_until: dict[str, float] = {}


def install(settings: Settings) -> None:
    """Leave out the mappings that may not read."""
    del settings
    replace(_MAPPINGS, _readable(original(_MAPPINGS)))


def _readable(mappings: Callable[[], Iterator[Found]]) -> Callable[[], Iterator[Found]]:
    @functools.wraps(mappings)
    def readable() -> Iterator[Found]:
        for account, region, mapping in mappings():
            with request_scope(account, region):
                denied = ":dynamodb:" in mapping.get("EventSourceArn", "") and _is_denied(mapping)
            if not denied:
                yield account, region, mapping

    return readable


def _is_denied(mapping: dict[str, Any]) -> bool:
    """Whether there is something to read and the role may not. Asked no more than twice a second while it may not."""
    identifier, arn = mapping["UUID"], mapping["EventSourceArn"]
    if not mapping.get("Enabled", True) or not _has_news(identifier, arn):
        return False
    if _denied_until.get(identifier, 0.0) > time.monotonic():
        return True
    function = lambda_svc._functions.get(mapping["FunctionName"]) or {}  # noqa: SLF001 - a seam
    missing = mapping_rules.missing_stream_action(str((function.get("config") or {}).get("Role", "")), arn)
    if not missing:
        _denied_until.pop(identifier, None)
        return False
    mapping["LastProcessingResult"] = f"PROBLEM: The execution role lacks {missing}."
    _denied_until[identifier] = time.monotonic() + _DENIED_S
    return True


def _has_news(identifier: str, stream_arn: str) -> bool:
    table = stream_arn.partition(":table/")[2].partition("/")[0]
    read = lambda_svc._dynamodb_stream_positions.get(identifier)  # noqa: SLF001 - a seam
    return read is None or int(dynamodb.stream_end_position(table)) > int(read)
