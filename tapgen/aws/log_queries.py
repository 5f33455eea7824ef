"""Runs one query of Logs Insights to its end. Writes and deletes nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from mypy_boto3_logs import CloudWatchLogsClient

_UNFINISHED = ("Scheduled", "Running", "Unknown")
_POLL_S = 0.5
# A query ends by itself after an hour (CloudWatch Logs quotas); nobody waits that long at a terminal.
_POLLS = 600


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """A query and what it is asked of."""

    groups: Sequence[str]
    text: str
    start: datetime
    end: datetime


def run_query(
    client: CloudWatchLogsClient, query: LogQuery, *, sleep: Callable[[float], None]
) -> tuple[dict[str, str], ...]:
    """The rows by column; none when a group does not exist. A column without a value is left out.

    Raises:
        AwsError: The query may not be run, or did not end well.
    """
    with translated(f"query the logs of {', '.join(query.groups)}"):
        try:
            query_id = client.start_query(
                logGroupNames=list(query.groups),
                startTime=int(query.start.timestamp()),
                # Whole seconds, inclusive: rounded down, the last events would be missing.
                endTime=math.ceil(query.end.timestamp()),
                queryString=query.text,
            )["queryId"]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return ()
            raise
        answer = client.get_query_results(queryId=query_id)
        for _ in range(_POLLS):
            if answer["status"] not in _UNFINISHED:
                break
            sleep(_POLL_S)
            answer = client.get_query_results(queryId=query_id)
    if answer["status"] != "Complete":
        raise AwsError(
            f"the query of {', '.join(query.groups)} ended as {answer['status']}",
            hint="ask about a shorter time with --since",
            code="query-failed",
        )
    return tuple({cell["field"]: cell["value"] for cell in row} for row in answer["results"])
