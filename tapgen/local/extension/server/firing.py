"""Fires a schedule or a rule by hand, for ``FIRE_PATH``: what is due once a day cannot be waited for."""

from __future__ import annotations

from typing import Any

from tapgen.local.extension.events import by_hand
from tapgen.local.extension.scheduler import clock


def fire(arn: str) -> dict[str, Any]:
    """Fire what the ARN names, its attempts and waits included.

    Returns:
        ``{"fired": true}``, or why not: ``{"fired": false, "code": …, "message": …}``.
    """
    try:
        if ":schedule/" in arn:
            failure = clock.clock.fire(arn)
            if failure is not None:
                return _refused(failure.error.code, failure.error.message)
        elif ":rule/" in arn:
            by_hand.fire(arn)
        else:
            return _refused("ValidationException", f"{arn} is the ARN of no schedule and of no rule")
    except (KeyError, ValueError):
        return _refused("ResourceNotFoundException", f"{arn} does not exist")
    return {"fired": True}


def _refused(code: str, message: str) -> dict[str, Any]:
    return {"fired": False, "code": code, "message": message}
