"""A release, from the guards to the verdict, in as many updates as its tables need. For who holds the lock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.deploy.change_sets.gate_checks import describe_allowances
from tapgen.deploy.change_sets.iam_broadening import check_broadening
from tapgen.deploy.change_sets.successive_updates import split
from tapgen.deploy.change_sets.upload import upload
from tapgen.deploy.records.release_record import Before, begin_journal, open_journal
from tapgen.deploy.release.execute import check_guards, ship
from tapgen.deploy.release.reconcile import tidy_up
from tapgen.deploy.state.live_templates import read_baseline
from tapgen.deploy.state.preflight import Ready
from tapgen.engine.deployment import deployment_of

EXPIRY_INTERVAL_MIN = 60
"""Minutes between two changes of a table's time to live (DynamoDB API reference, UpdateTimeToLive)."""

if TYPE_CHECKING:
    from tapgen.deploy.change_sets.successive_updates import Update
    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.state.live_templates import Baseline
    from tapgen.engine.context import Context
    from tapgen.engine.lock import Lock
    from tapgen.events import Result


def release(context: Context, request: DeployRequest, decision: Ready, lock: Lock) -> Result:
    """Record the release and take it live. For who holds the lock.

    Raises:
        RefusedError: An alias or a guard is not fit for a shift, or roles would be let do more.
        DeploymentError, AttentionError: As ``deploy``.
    """
    baseline = read_baseline(context, decision)
    first, *others = split(context, request, decision, baseline)
    result = _release_one(context, first, decision, lock, baseline)
    for update in others:
        if result.status not in {"done", "unchanged"}:
            context.warn(
                "this was one of several updates",
                hint="deploy again: it goes on from here",
                code="one-of-several-updates",
            )
            break
        if update.expiries:
            _wait_for_expiries(context, update)
        state = stacks.describe_stack(context.aws.client("cloudformation"), request.rendered.root_stack)
        decision = Ready(kind="UPDATE", state=state)
        following = _release_one(context, update, decision, lock, read_baseline(context, decision))
        result = replace(following, shifts=(*result.shifts, *following.shifts))
    return result


def _wait_for_expiries(context: Context, update: Update) -> None:
    """Wait until DynamoDB takes another change of these tables' expiry: it says nowhere when that will be.

    Whoever interrupts leaves a release that is whole; the next deploy goes on from there.
    """
    tables = ", ".join(update.expiries)
    with context.step("expiry", f"Waiting an hour: DynamoDB takes one change of the expiry of {tables} in that time"):
        context.clock.sleep(EXPIRY_INTERVAL_MIN * context.minute_s)


def _release_one(context: Context, update: Update, decision: Ready, lock: Lock, baseline: Baseline) -> Result:
    """One update with its record, from the guards to the verdict."""
    request = update.request
    if update.text:
        context.tell(f"update {update.text}", code="successive-update")
    broken = check_guards(context, request, decision)
    recent = tidy_up(context, deployment_of(request.rendered))
    purpose = replace(
        request.purpose(),
        break_glass=broken,
        broadening=check_broadening(context, request, baseline),
        allowances=describe_allowances(context, request.allowances),
        role_arn=request.role_arn,
        reporter=request.reporter,
    )
    before = Before(state=decision.state, recent=recent)
    request.marker.set()
    journal = begin_journal(context, lock, request.rendered, before=before, purpose=purpose)
    with open_journal(journal):
        upload(context, request.rendered)
        return ship(context, request, decision, journal, baseline)
