"""Fires a schedule or a rule of the embedded AWS by hand: its time is the clock's, and a test cannot wait for it.

Imports neither MiniStack nor an AWS SDK.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

from tapgen.errors import LocalError
from tapgen.local.record import FIRE_PATH

_TIMEOUT_S = 120


def fire(endpoint_url: str, arn: str) -> None:
    """Do now what a schedule or a rule does when it is due, with its role, its attempts and its dead letters.

    Args:
        endpoint_url: ``LocalStatus.endpoint_url``.
        arn: The ARN of an EventBridge Scheduler schedule or of an EventBridge rule.

    Raises:
        LocalError: There is none, or the target has not taken the call.
    """
    query = urllib.parse.urlencode({"arn": arn})
    request = urllib.request.Request(f"{endpoint_url}{FIRE_PATH}?{query}", method="POST")  # noqa: S310 - the embedded AWS's own URL
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the same
        outcome: dict[str, Any] = json.load(answer)
    if not outcome["fired"]:
        raise LocalError(
            f"{arn.rpartition(':')[2]} could not be fired",
            why=f"{outcome['code']}: {outcome['message']}",
            hint="Look at the role of a schedule, or at the name",
            code="local-not-fired",
        )
