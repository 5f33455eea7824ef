"""The change set of a release: made, waited for, shown, or taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws import change_sets, stacks
from tapgen.aws.early_validation import read_objections
from tapgen.engine.polling import Ticker
from tapgen.errors import AwsError
from tapgen.events import ChangesPlanned
from tapgen.naming import BREAK_GLASS_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tapgen.deploy.records.release_record import Journal
    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.shifts.shift_preflight import Judgement
    from tapgen.deploy.state.preflight import Ready
    from tapgen.engine.context import Context
    from tapgen.model import ChangeSet


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
            raise change_set_failed(context, change_set_id, status)
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
    client = context.aws.client("cloudformation")
    change_sets.delete_change_set(client, change_set.change_set_id)
    if decision.kind == "CREATE":
        stacks.delete_stack(client, change_set.stack_id)


def describe_passed(judgement: Judgement, request: DeployRequest) -> Mapping[str, Any] | None:
    """What the record says of guards that the operation goes past; None when there are none."""
    return {"reason": request.break_glass, "alarms": list(judgement.passed)} if judgement.passed else None


def await_change_set(context: Context, change_set_id: str) -> change_sets.ChangeSetStatus:
    """Wait until a change set is made, or is known not to be."""
    client = context.aws.client("cloudformation")
    ticker = Ticker(context.clock)
    while True:
        status = change_sets.get_change_set_status(client, change_set_id)
        if status.ready or status.failed:
            return status
        ticker.wait()


def change_set_failed(context: Context, change_set_id: str, status: change_sets.ChangeSetStatus) -> AwsError:
    """The error of a change set that could not be made."""
    return AwsError(
        "CloudFormation refused the change set",
        why="\n".join([status.reason, *_objections(context, change_set_id, status)]),
        hint="correct what it names; `tapgen render` shows the templates",
        code="change-set-failed",
    )


def _objections(context: Context, change_set_id: str, status: change_sets.ChangeSetStatus) -> list[str]:
    """What CloudFormation's own validation found, which the reason refers to and does not say."""
    if "EarlyValidation" not in status.reason:
        return []
    try:
        found = read_objections(context.aws, change_set_id)
    except AwsError as error:
        return [f"its validations could not be read: {error}"]
    return [f"{objection.logical_id} {objection.path}: {objection.reason}" for objection in found]


def _broken_glass(journal: Journal) -> dict[str, str]:
    return {BREAK_GLASS_PARAMETER: "true"} if journal.intent.break_glass else {}
