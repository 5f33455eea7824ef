"""StartQuery of CloudWatch Logs, with the query language that :mod:`tapgen.local.extension.logs.insights` knows.

CloudWatch Logs API reference: StartQuery, GetQueryResults. A query is done when it is started; MiniStack keeps its
results and hands them out. A query that cannot be read is refused with MalformedQueryException, as AWS refuses it.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import cloudwatch_logs

from tapgen.local.extension.logs import insights, insights_fields
from tapgen.local.extension.logs.insights_tree import MalformedQueryError
from tapgen.local.extension.seams import Seam, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.local.extension.settings import Settings

    Answer = tuple[int, dict[str, str], bytes]

_LOGS = "ministack.services.cloudwatch_logs"
_START = Seam(
    module=_LOGS,
    attribute="_start_query",
    parameters=("data",),
    gap="Knows no stats, parse, expressions or discovered fields, and takes what it does not know for nothing.",
)
_QUERIES = Seam(module=_LOGS, attribute="_queries", parameters=None, gap="Used: where results wait to be fetched.")
_GROUPS = Seam(module=_LOGS, attribute="_log_groups", parameters=None, gap="Used: the log groups with their streams.")
_NAMED = Seam(
    module=_LOGS, attribute="_resolve_query_log_groups", parameters=("data",), gap="Used: which groups are asked."
)
SEAMS: tuple[Seam, ...] = (_START, _QUERIES, _GROUPS, _NAMED)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Replace StartQuery."""
    replace(_START, start_query)


def start_query(request: dict[str, Any]) -> Answer:
    """StartQuery."""
    names = cloudwatch_logs._resolve_query_log_groups(request)  # noqa: SLF001 - a seam
    if not names:
        return _refused("InvalidParameterException", "A query names its log groups.")
    missing = [name for name in names if name not in cloudwatch_logs._log_groups]  # noqa: SLF001 - a seam
    if missing:
        return _refused("ResourceNotFoundException", f"The specified log group does not exist: {missing[0]}")
    start_ms = int(request.get("startTime") or 0) * 1000
    end_ms = int(request.get("endTime") or time.time()) * 1000
    scanned = sorted(_events(names, start_ms, end_ms), key=lambda event: float(event.fields["@timestamp"] or 0.0))
    try:
        found = insights.run(str(request.get("queryString", "")), scanned, limit=int(request.get("limit") or 10_000))
    except MalformedQueryError as error:
        return _refused("MalformedQueryException", str(error))
    answer: Answer = json_response({"queryId": _keep(request, scanned, found)})
    return answer


def _events(names: Sequence[str], start_ms: int, end_ms: int) -> Iterator[insights_fields.Event]:
    for name in names:
        for stream, content in cloudwatch_logs._log_groups[name]["streams"].items():  # noqa: SLF001 - a seam
            for event in list(content.get("events", ())):
                if start_ms <= event["timestamp"] <= end_ms:
                    yield insights_fields.event(
                        str(event.get("message", "")),
                        timestamp_ms=int(event["timestamp"]),
                        stream=stream,
                        log=f"{get_account_id()}:{name}",
                        pointer=str(event.get("eventId") or ""),
                    )


def _keep(request: dict[str, Any], scanned: Sequence[insights_fields.Event], found: insights.Found) -> str:
    query_id = str(uuid.uuid4())
    cloudwatch_logs._queries[query_id] = {  # noqa: SLF001 - a seam
        **{key: request.get(key) for key in ("logGroupName", "logGroupNames", "queryString", "startTime", "endTime")},
        "queryId": query_id,
        "status": "Complete",
        "results": [[{"field": name, "value": value} for name, value in row.items()] for row in found.rows],
        "statistics": {
            "recordsMatched": float(found.matched),
            "recordsScanned": float(len(scanned)),
            "bytesScanned": float(sum(len(str(event.fields["@message"])) for event in scanned)),
        },
    }
    return query_id


def _refused(code: str, message: str) -> Answer:
    answer: Answer = error_response_json(code, message, 400)
    return answer
