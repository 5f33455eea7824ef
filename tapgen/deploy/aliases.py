"""Looks at the live aliases of a deployment, their guards, and whether CodeDeploy works on them. Changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tapgen.aws import alarms, shifts, stacks
from tapgen.aws.stack_events import NESTED_STACK
from tapgen.deploy.rollout import Alias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.deploy.context import Context
    from tapgen.deploy.rollout import AliasPlan
    from tapgen.model import StackResource

_VERSION = "AWS::Lambda::Version"


def look_at_aliases(context: Context, plans: Sequence[AliasPlan], *, stack_id: str) -> tuple[Alias, ...]:
    """Each planned alias as it is now; the looks are parallel."""
    if not plans:
        return ()
    with ThreadPoolExecutor(8, thread_name_prefix="aliases") as pool:
        versions = _list_versions(context, stack_id, pool)
        return tuple(pool.map(lambda plan: _look(context, plan, versions), plans))


def _look(context: Context, plan: AliasPlan, versions: Sequence[StackResource]) -> Alias:
    mine = [item for item in versions if f":function:{plan.function}:" in item.physical_id]
    version, weights = shifts.read_alias_weights(context.aws, plan.function, plan.alias)
    if not version:
        return _absent(plan)
    guards = alarms.find_alarms(context.aws, plan.guards)
    named = shifts.read_alarm_names(context.aws, plan.application, plan.group)
    today = alarms.find_alarms(context.aws, named)
    return Alias(
        function=plan.function,
        version=version,
        weights=weights,
        # A version that an update replaced stays in Lambda, not in the stack: one is left.
        stack_version=mine[0].physical_id.rpartition(":")[2] if len(mine) == 1 else "",
        version_ids=frozenset(item.logical_id for item in mine),
        unfinished=shifts.list_unfinished(context.aws, plan.application, plan.group),
        guards=alarms.describe_guards(guards, [None] * len(guards)),
        silent_guards=tuple(alarm["AlarmName"] for alarm in today if not alarms.has_data(context.aws, alarm)),
        lost_guards=tuple(sorted(set(named) - {alarm["AlarmName"] for alarm in today})),
    )


def _absent(plan: AliasPlan) -> Alias:
    return Alias(
        function=plan.function,
        version="",
        weights={},
        stack_version="",
        version_ids=frozenset(),
        unfinished=(),
        guards=(),
        silent_guards=(),
        lost_guards=(),
    )


def _list_versions(context: Context, stack_id: str, pool: ThreadPoolExecutor) -> list[StackResource]:
    client = context.aws.client("cloudformation")
    children = [item for item in stacks.list_resources(client, stack_id) if item.resource_type == NESTED_STACK]
    held = pool.map(lambda child: stacks.list_resources(client, child.physical_id), children)
    return [item for resources in held for item in resources if item.resource_type == _VERSION]
