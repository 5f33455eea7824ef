"""Looks at the live aliases of a deployment, their guards, and whether CodeDeploy works on them. Changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tapgen.aws import alarms, functions, shifts, stacks
from tapgen.deploy.shifts.shift_preflight import GuardedAlias
from tapgen.deploy.state.stack_tree import survey_children

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.deploy.shifts.shift_preflight import AliasPlan
    from tapgen.engine.context import Context
    from tapgen.model import StackResource

_VERSION = "AWS::Lambda::Version"


def read_live_aliases(context: Context, plans: Sequence[AliasPlan], *, stack_id: str) -> tuple[GuardedAlias, ...]:
    """Each planned alias as it is now; the looks are parallel."""
    if not plans:
        return ()
    versions = _list_versions(context, stack_id)
    with ThreadPoolExecutor(8, thread_name_prefix="aliases") as pool:
        return tuple(pool.map(lambda plan: _look(context, plan, versions), plans))


def _look(context: Context, plan: AliasPlan, versions: Sequence[StackResource]) -> GuardedAlias:
    mine = [item for item in versions if f":function:{plan.function}:" in item.physical_id]
    state = functions.read_alias(context.aws.client("lambda"), plan.function, plan.alias)
    if state is None:
        return GuardedAlias()
    guards = alarms.find_alarms(context.aws, plan.guards)
    named = shifts.read_alarm_names(context.aws, plan.application, plan.group)
    today = alarms.find_alarms(context.aws, named)
    return GuardedAlias(
        state=state,
        # A version that an update replaced stays in Lambda, not in the stack: one is left.
        stack_version=mine[0].physical_id.rpartition(":")[2] if len(mine) == 1 else "",
        version_ids=frozenset(item.logical_id for item in mine),
        unfinished=shifts.list_unfinished(context.aws, plan.application, plan.group),
        guards=alarms.describe_guards(guards, [None] * len(guards)),
        silent_guards=tuple(alarm["AlarmName"] for alarm in today if not alarms.has_data(context.aws, alarm)),
        lost_guards=tuple(sorted(set(named) - {alarm["AlarmName"] for alarm in today})),
    )


def _list_versions(context: Context, stack_id: str) -> list[StackResource]:
    client = context.aws.client("cloudformation")
    children = survey_children(client, stacks.list_resources(client, stack_id))
    return [item for stack in children for item in stack.resources if item.resource_type == _VERSION]
