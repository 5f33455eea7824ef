"""The table of recoveries: from what was observed to the one safe action. Pure; doing it is ``execute``'s.

Read from top to bottom, the first row that fits decides:

| observed | action |
|---|---|
| an operation is running | none: it ends by itself |
| a shift runs, no operation does | stop it with automatic rollback |
| REVIEW_IN_PROGRESS | delete the empty stack with its change sets |
| UPDATE_ROLLBACK_FAILED | continue, skipping only what carries neither data nor traffic nor permissions |
| ROLLBACK_COMPLETE, ROLLBACK_FAILED, CREATE_FAILED | delete the stack, unless a data resource holds anything |
| UPDATE_FAILED (rollback disabled) | roll back to the last stable state |
| DELETE_FAILED | delete again |
| an alias differs from its stack | point it at the version that the stack has, if that still exists |
| a change set of a dead deploy | delete it |
| a release without an outcome | record how it ended |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.stack_events import NESTED_STACK
from tapgen.aws.stacks import STABLE
from tapgen.deploy.recovery.actions import (
    ContinueRollback,
    DeleteAgain,
    DeleteChangeSets,
    DeleteEmptyStack,
    DeleteFailedCreate,
    Nothing,
    Refuse,
    RepairAlias,
    RollBackStack,
    SettleRecords,
    StopShifts,
)
from tapgen.deploy.state.release_status import find_orphans, find_unsettled
from tapgen.errors import AttentionError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.deploy.recovery.actions import Action
    from tapgen.deploy.state.observed_state import Alias, History, Situation
    from tapgen.deploy.state.stack_tree import StackSurvey, Survey
    from tapgen.errors import TapgenError

# Neither data nor traffic nor permissions: the next deploy sets them as the template says.
SKIPPABLE = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Logs::MetricFilter",
        "AWS::Logs::QueryDefinition",
    }
)
NEVER_CREATED = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
"""States of a stack whose first create failed."""

_FIXED: Mapping[str, Action] = {
    "REVIEW_IN_PROGRESS": DeleteEmptyStack(),
    "UPDATE_FAILED": RollBackStack(),
    "DELETE_FAILED": DeleteAgain(),
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the table needs beyond the situation; each is looked at only where its row could apply."""

    held: tuple[str, ...] = ()
    """Data resources of the stack that hold something."""
    versions: Mapping[str, tuple[str, ...]]
    """Published versions by function, for aliases that differ."""


def choose_action(situation: Situation, facts: Facts, *, options: str) -> Action:
    """The one safe action now.

    Args:
        situation: The deployment as it is; its lock is ours.
        facts: What was looked at besides.
        options: ``--env X [--suffix Y]``, for hints.
    """
    found = situation.survey
    if found is None:
        return _tidy(situation.history)
    if found.root.in_progress:
        return Refuse(error=_busy(found, options))
    if situation.running:
        return StopShifts(deployment_ids=situation.running)
    if found.root.status not in STABLE:
        return _unstick(found, facts, options)
    differing = next((alias for alias in situation.aliases if alias.drift), None)
    return _repair(differing, facts, options) if differing else _tidy(situation.history)


def _unstick(found: Survey, facts: Facts, options: str) -> Action:
    """The way out of a state that CloudFormation does not leave by itself."""
    status = found.root.status
    if status == "UPDATE_ROLLBACK_FAILED":
        return _continue(found)
    if status in NEVER_CREATED:
        return Refuse(error=_holding(found, facts.held, options)) if facts.held else DeleteFailedCreate(status=status)
    return _FIXED.get(status) or Refuse(error=_unknown(found, options))


def _tidy(history: History) -> Action:
    orphans = find_orphans(history)
    if orphans:
        return DeleteChangeSets(change_set_ids=orphans)
    unsettled = find_unsettled(history)
    return SettleRecords(sequences=unsettled) if unsettled else Nothing()


def _continue(found: Survey) -> ContinueRollback:
    failed = [(name, resource_type) for name, resource_type in _failed(found) if resource_type != NESTED_STACK]
    return ContinueRollback(
        skip=tuple(name for name, resource_type in failed if resource_type in SKIPPABLE),
        retried=tuple(name for name, resource_type in failed if resource_type not in SKIPPABLE),
    )


def _failed(found: Survey) -> Iterator[tuple[str, str]]:
    """(how ContinueUpdateRollback names it, type) of each resource whose rollback failed."""
    for stack in found.stacks:
        for resource in stack.resources:
            if resource.status == "UPDATE_FAILED":
                yield f"{_prefix(stack)}{resource.logical_id}", resource.resource_type


def _prefix(stack: StackSurvey) -> str:
    """The nested stack's own name, as the API wants it, from its ARN; nothing for the root."""
    return "" if stack.label == "root" else f"{stack.stack_id.split('/')[1]}."


def _repair(alias: Alias, facts: Facts, options: str) -> Action:
    if alias.state and alias.expected and alias.expected in facts.versions.get(alias.state.function, ()):
        return RepairAlias(
            function=alias.state.function, alias=alias.state.name, version=alias.expected, drift=alias.drift
        )
    return Refuse(
        error=AttentionError(
            f"{alias.path} differs from its stack: {alias.drift}",
            why="the version that the stack has does not exist, so the alias cannot go back to it",
            hint=f"change the function and `tapgen deploy {options}`: it publishes a new version",
            code="alias-beyond-repair",
        )
    )


def _busy(found: Survey, options: str) -> TapgenError:
    return RefusedError(
        f"{found.root.name} is in {found.root.status}: an operation is running, and ends by itself",
        hint=f"`tapgen attach {options}` follows it; `tapgen rollback {options}` stops an update",
        code="stack-busy",
    )


def _holding(found: Survey, held: tuple[str, ...], options: str) -> TapgenError:
    return AttentionError(
        f"{found.root.name} is in {found.root.status}, and resources of it hold data",
        why="\n".join(held),
        hint=f"save what you need, then `tapgen destroy {options} --delete-data`",
        code="holds-data",
    )


def _unknown(found: Survey, options: str) -> TapgenError:
    return AttentionError(
        f"{found.root.name} is in {found.root.status}, for which no safe action is known",
        why=found.root.status_reason,
        hint=f"look at `tapgen status {options}` and at the console",
        code="stack-stuck",
    )
