"""What the traffic shifts of a release proved that nobody watched to its end.

CodeDeploy keeps its deployments and CloudWatch its figures: what a watcher would have judged is judged afterwards, by
the policy that the release was made with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.shifts import ShiftReader
from tapgen.aws.stack_events import StackEventReader
from tapgen.deploy.shifts.shift_outcomes import judge_shifts
from tapgen.deploy.state.recorded_release import recorded_policy
from tapgen.deploy.watch.shift_watcher import find_started
from tapgen.deploy.watch.stack_watcher import Followed
from tapgen.errors import AwsError, CredentialsError

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.ledger.record import Record
    from tapgen.model import ShiftOutcome


def judge_unwatched(context: Context, record: Record) -> tuple[ShiftOutcome, ...]:
    """The outcome of each shift of an executed release; none where AWS does not tell any more."""
    if record.plan is None or record.execution is None:
        return ()
    client = context.aws.client("cloudformation")
    reader = StackEventReader(client, stack_id=record.plan.stack_id, since=record.plan.created_at)
    try:
        events = reader.read_new()
        shifts = tuple(
            ShiftReader(context.aws, deployment_id, minute_s=context.minute_s).read()
            for deployment_id in find_started(events)
        )
    except (AwsError, CredentialsError) as error:
        context.warn(
            f"what the shift of release {record.sequence} proved cannot be read: {error}", code="shift-proof-unread"
        )
        return ()
    return judge_shifts(context, Followed(events=events, shifts=shifts), recorded_policy(record.intent))
