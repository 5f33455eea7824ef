"""The change set of a release: made, waited for, shown, or taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws import change_sets, stacks
from tapgen.aws.early_validation import read_objections
from tapgen.deploy.change_sets.taken_names import find_taken, names_taken
from tapgen.engine.patience import patiently
from tapgen.engine.polling import Ticker
from tapgen.errors import AwsError
from tapgen.events import ChangesPlanned
from tapgen.ledger.consents import BrokenGlass
from tapgen.naming import BREAK_GLASS_PARAMETER

if TYPE_CHECKING:
    from tapgen.deploy.records.release_record import Journal
    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.shifts.shift_preflight import Judgement
    from tapgen.deploy.state.preflight import Ready
    from tapgen.engine.context import Context
    from tapgen.model import ChangeSet, Rendered

LONGEST_MAKING_S = 1800.0
"""Seconds that CloudFormation may take to make a change set with its nested ones."""


def plan(context: Context, request: DeployRequest, decision: Ready, journal: Journal) -> ChangeSet | None:
    """The change set with its nested ones, or None when CloudFormation sees nothing to do."""
    rendered = request.rendered
    client = context.aws.client("cloudformation")
    with context.step("change-set", "Creating the change set") as step:
        change_set_id = change_sets.create_change_set(
            client,
            change_sets.ChangeSetRequest(
                stack=rendered.root_stack,
                name=journal.intent.change_set_name,
                kind=decision.kind,
                template_url=journal.intent.template_url,
                # Left out, the parameter takes its default: the next deploy puts the guard back.
                parameters={**rendered.parameters, **_broken_glass(journal)},
                tags=rendered.tags,
                role_arn=request.role_arn,
            ),
        )
        status = await_change_set(context, change_set_id)
        if status.empty:
            change_sets.delete_change_set(client, change_set_id)
            step.text = "CloudFormation sees nothing to change"
            return None
        if not status.ready:
            error = change_set_failed(context, change_set_id, status, rendered=rendered)
            tidy_up_refused(context, change_set_id, stack=rendered.root_stack)
            raise error
        change_set = change_sets.describe_change_set(client, change_set_id, kind=decision.kind)
        step.text = f"Change set ready: {change_set_id.split('/')[1]}"
    context.emit(
        ChangesPlanned(
            stack=rendered.root_stack, kind=decision.kind, change_set_id=change_set_id, changes=change_set.changes
        )
    )
    return change_set


def discard(context: Context, change_set: ChangeSet, decision: Ready) -> None:
    """Leave nothing behind: not the change set, and not the empty stack that a CREATE change set makes."""
    change_sets.delete_change_set(context.aws.client("cloudformation"), change_set.change_set_id)
    if decision.kind == "CREATE":
        discard_empty_stack(context, change_set.stack_id)


def tidy_up_refused(context: Context, change_set_id: str, *, stack: str) -> None:
    """Take away a change set that could not be made, and the empty stack that it has made.

    Why it could not be made is what the user must read, whatever becomes of this.
    """
    try:
        change_sets.delete_change_set(context.aws.client("cloudformation"), change_set_id)
        discard_empty_stack(context, stack)
    except AwsError as error:
        context.warn(f"the refused change set was left behind: {error.what}", hint=error.hint, code="change-set-left")


def discard_empty_stack(context: Context, stack: str) -> None:
    """Delete a stack that nothing but a failed change set has made; one that somebody's other change set is for stays.

    Raises:
        AwsError: The caller may not.
    """
    client = context.aws.client("cloudformation")
    state = stacks.describe_stack(client, stack)
    if state is None or state.status != "REVIEW_IN_PROGRESS":
        return
    # One that failed is of no use to anybody, and one that is being deleted is still listed for a while.
    listed = change_sets.list_change_sets(client, stack)
    if not any(each.status.startswith("CREATE_") for each in listed):
        stacks.delete_stack(client, state.stack_id)


def describe_passed(judgement: Judgement, request: DeployRequest) -> BrokenGlass | None:
    """What the record says of guards that the operation goes past; None when there are none."""
    return BrokenGlass(reason=request.break_glass, alarms=judgement.passed) if judgement.passed else None


def await_change_set(context: Context, change_set_id: str) -> change_sets.ChangeSetStatus:
    """Wait until a change set is made, or is known not to be.

    AWS documents no longest time; a large tree takes a few minutes.

    Raises:
        AwsError: CloudFormation is at it for half an hour, with what it says.
    """
    client = context.aws.client("cloudformation")
    ticker = Ticker(context.clock)
    while True:
        status = patiently(context, lambda: change_sets.get_change_set_status(client, change_set_id))
        if status.ready or status.failed:
            return status
        if ticker.elapsed_s >= LONGEST_MAKING_S:
            raise _endless(change_set_id, status)
        ticker.wait()


def _endless(change_set_id: str, status: change_sets.ChangeSetStatus) -> AwsError:
    said = f"{status.status}: {status.reason}" if status.reason else status.status
    return AwsError(
        f"CloudFormation has not made the change set in {LONGEST_MAKING_S / 60:.0f} min",
        why=f"{said}; it may still become ready: {change_set_id}",
        hint="look at https://health.aws.amazon.com, then rerun: what this run left is cleared away",
        code="change-set-slow",
    )


def change_set_failed(
    context: Context, change_set_id: str, status: change_sets.ChangeSetStatus, *, rendered: Rendered | None = None
) -> AwsError:
    """The error of a change set that could not be made.

    Args:
        context: Clients.
        change_set_id: Of the change set, which is still there.
        status: What CloudFormation says of it.
        rendered: The release that it was made of; None where it is of none.
    """
    reasons = [status.reason]
    try:
        # The reason names the validation, and only its events say what was found.
        objections = read_objections(context.aws, change_set_id) if "EarlyValidation" in status.reason else ()
    except AwsError as error:
        objections = ()
        reasons.append(f"its validations could not be read: {error}")
    taken = find_taken(objections, rendered) if rendered else ()
    if rendered and taken and len(taken) == len(objections):
        return names_taken(context, rendered, taken)
    reasons += [f"{objection.logical_id} {objection.path}: {objection.reason}" for objection in objections]
    return AwsError(
        "CloudFormation refused the change set",
        why="\n".join(reasons),
        hint="correct what it names; `tapgen render` shows the templates",
        code="change-set-failed",
    )


def _broken_glass(journal: Journal) -> dict[str, str]:
    return {BREAK_GLASS_PARAMETER: "true"} if journal.intent.break_glass else {}
