"""Collects what a verdict needs: of a stopped shift the first error lines of the new version, or of the failed hook."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from tapgen.aws.logs import find_error_lines
from tapgen.deploy.shifts.verdict import explain_outcome, judge_shift
from tapgen.errors import AwsError, CredentialsError
from tapgen.events import Noted
from tapgen.naming import function_log_group

if TYPE_CHECKING:
    from tapgen.deploy.watch.stack_watcher import Followed
    from tapgen.engine.context import Context
    from tapgen.model import Shift, ShiftOutcome, ShiftPolicy

_LATEST = "$LATEST"


def judge_shifts(context: Context, followed: Followed, policy: ShiftPolicy | None) -> tuple[ShiftOutcome, ...]:
    """The outcome of every shift of an operation; logs are read for the stopped ones alone."""
    return tuple(
        judge_shift(
            shift,
            policy,
            unproven=shift.deployment_id in followed.unproven,
            log_lines=_read_log(context, shift) if shift.error else (),
        )
        for shift in followed.shifts
    )


def report_shifts(context: Context, outcomes: tuple[ShiftOutcome, ...]) -> None:
    """Say what the shifts of an operation that went well have proved; one that proved nothing is a warning."""
    for outcome in outcomes:
        level: Literal["info", "warning"] = "warning" if outcome.outcome == "inconclusive" else "info"
        context.emit(Noted(level=level, text="; ".join(explain_outcome(outcome)), code=f"shift-{outcome.outcome}"))


def _read_log(context: Context, shift: Shift) -> tuple[str, ...]:
    hook = shift.failed_hook
    group = function_log_group(hook[1] if hook else shift.function)
    version = _LATEST if hook else shift.target_version
    try:
        return find_error_lines(
            context.aws.client("logs"),
            group,
            version=version,
            since=shift.created_at or datetime.min.replace(tzinfo=UTC),
        )
    except (AwsError, CredentialsError) as error:
        # Not being allowed to read a log must not hide why the shift was stopped.
        context.warn(f"the log {group} cannot be read: {error}", code="log-unread")
        return ()
