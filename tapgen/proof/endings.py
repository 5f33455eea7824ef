"""How a scenario of the deployer has to end: rolled back where that is the point, and with nothing put up with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.errors import DeploymentError
from tapgen.events import Noted, ShiftProgressed
from tapgen.proof.scenarios import StepFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.events import Event


_PUT_UP_WITH = {
    "change-set-left",
    "lock-kept",
    "lock-unrenewed",
    "log-unread",
    "record-unwritten",
    "report-unwritten",
    "shift-proof-unread",
    "shift-unwatched",
    "stack-policies-unset",
}
"""Notes of what a deploy could not do and goes on without: on an AWS where nothing else fails, it was denied."""


def want_rollback(work: Callable[[], Any]) -> None:
    """Do what has to end in a rollback.

    Raises:
        StepFailedError: It went well.
        TapgenError: It ended otherwise.
    """
    try:
        work()
    except DeploymentError:
        return
    raise StepFailedError("rolled back", "the deploy went well")


def check_end(name: str, said: list[Event], *, locked: bool) -> None:
    """Refuse an end that a deploy puts up with because it may not stop for it.

    Raises:
        StepFailedError: Something was denied, or untold; or the lock is left behind.
    """
    for event in said:
        if isinstance(event, Noted) and event.code in _PUT_UP_WITH:
            raise StepFailedError(name, event.text.partition(":")[0])
    shifts = [event.shift for event in said if isinstance(event, ShiftProgressed)]
    if shifts and not any(shift.hooks for shift in shifts):
        raise StepFailedError(name, "nobody is told which hooks judge the shift")
    if shifts and name == "deploy" and not any(shift.window_min for shift in shifts):
        raise StepFailedError(name, "nobody is told how long the shift takes")
    if locked:
        raise StepFailedError(name, "the lock is left behind")
