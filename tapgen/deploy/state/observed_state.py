"""Looks at all that an operation can have left of a deployment: stacks, aliases, shifts, change sets, lock, records.

Reads alone. What it means is decided elsewhere, from the value.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import alarms, change_sets, functions, shifts, stacks
from tapgen.aws.stacks import STABLE
from tapgen.deploy.state.stack_tree import survey
from tapgen.engine.lock import read_lock
from tapgen.ledger.history import find_live
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.change_sets import ListedChangeSet
    from tapgen.deploy.state.stack_tree import StackSurvey, Survey
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.lock import Seen
    from tapgen.ledger.record import Record
    from tapgen.model import AliasState, GuardAlarm, StackResource, StackState

_ALIAS, _VERSION = "AWS::Lambda::Alias", "AWS::Lambda::Version"
_APPLICATION, _GROUP = "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"


@dataclass(frozen=True, kw_only=True)
class Alias:
    """An alias of the stack, and what the stack says of it."""

    path: str
    """``Compute.ApiLiveAlias``."""
    expected: str | None
    """The version that the stack has for the alias's function; None while it has none, or several."""
    state: AliasState | None
    """None when the alias is gone."""

    @property
    def drift(self) -> str:
        """How alias and stack differ, in words; empty when they agree."""
        if self.state is None:
            return "the alias is gone"
        if self.state.weights:
            shares = ", ".join(f"{share:.0%} version {version}" for version, share in self.state.weights.items())
            return f"version {self.state.version} shares with {shares}"
        if self.expected and self.state.version != self.expected:
            return f"points at version {self.state.version}, the stack has {self.expected}"
        return ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A deployment group of the stack."""

    application: str
    name: str
    running: tuple[str, ...]
    """Ids of deployments that are not over."""
    guards: tuple[GuardAlarm, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """The records of a deployment, with what tells how the unfinished ones stand."""

    root: StackState | None
    records: tuple[Record, ...]
    change_sets: tuple[ListedChangeSet, ...] = ()
    """Of the root, those that were executed included."""
    lock: Seen | None = None

    @property
    def live_release(self) -> str:
        """The release that serves; empty when there is none.

        What a stack names is live once it has settled. While an update runs, or where one is stuck, what was live
        before it serves as far as anybody has proved.
        """
        if self.root is None or not self.root.carries_release:
            return ""
        named = self.named_release
        moving = self._moving
        return moving.intent.previous.release_id if moving and moving.intent.previous else named

    @property
    def named_release(self) -> str:
        """The release that the stack names, however far it is; empty when there is none."""
        return self.root.parameters.get(RELEASE_PARAMETER, "") if self.root else ""

    @property
    def live(self) -> Record | None:
        """The record of the release that serves."""
        return find_live(self.records, self.live_release)

    @property
    def _moving(self) -> Record | None:
        """The record whose execution has not ended, where the stack names its release and has not settled."""
        if self.root is None or self.root.status in STABLE or not self.records:
            return None
        last = next((record for record in reversed(self.records) if record.execution), None)
        unfinished = last is not None and not last.succeeded and last.release_id == self.named_release
        return last if unfinished else None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A deployment as it is now."""

    history: History
    survey: Survey | None = None
    """None when there is no stack."""
    aliases: tuple[Alias, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of all shifts that are not over."""
        return tuple(deployment for group in self.groups for deployment in group.running)


def observe(context: Context, deployment: Deployment) -> Situation:
    """Look at all of it; the parts are read in parallel, and none of them locks another out."""
    with ThreadPoolExecutor(8, thread_name_prefix="observe") as pool:
        history = pool.submit(read_history, context, deployment)
        found = survey(context, deployment.root_stack)
        if found is None:
            return Situation(history=history.result())
        groups = pool.map(lambda names: _read_group(context, *names), list(_groups(found)))
        aliases = pool.map(lambda item: _read_alias(context, *item), list(_aliases(found)))
        return Situation(history=history.result(), survey=found, aliases=tuple(aliases), groups=tuple(groups))


def read_history(context: Context, deployment: Deployment) -> History:
    """The records, the root stack with its change sets, and the lock."""
    client = context.aws.client("cloudformation")
    with ThreadPoolExecutor(2, thread_name_prefix="history") as pool:
        records = pool.submit(deployment.ledger(context).read_all)
        lock = pool.submit(read_lock, context, deployment.bucket, deployment.name)
        root = stacks.describe_stack(client, deployment.root_stack)
        listed = change_sets.list_change_sets(client, root.name) if root else ()
        return History(root=root, records=records.result(), change_sets=listed, lock=lock.result())


def _groups(found: Survey) -> Iterator[tuple[str, str]]:
    """(application, group) of each deployment group."""
    for stack in found.stacks:
        applications = [item.physical_id for item in stack.resources if item.resource_type == _APPLICATION]
        for resource in stack.resources:
            if resource.resource_type == _GROUP and resource.physical_id and applications:
                yield applications[0], resource.physical_id


def _aliases(found: Survey) -> Iterator[tuple[StackSurvey, StackResource]]:
    for stack in found.stacks:
        for resource in stack.resources:
            # An alias's physical id is its ARN; one that could not be made has none.
            if resource.resource_type == _ALIAS and ":function:" in resource.physical_id:
                yield stack, resource


def _read_group(context: Context, application: str, group: str) -> Group:
    guards = alarms.find_alarms(context.aws, shifts.read_alarm_names(context.aws, application, group))
    return Group(
        application=application,
        name=group,
        running=shifts.list_unfinished(context.aws, application, group),
        guards=alarms.describe_guards(guards, [None] * len(guards)),
    )


def _read_alias(context: Context, stack: StackSurvey, resource: StackResource) -> Alias:
    function, name = resource.physical_id.split(":")[-2:]
    versions = [
        item.physical_id.rpartition(":")[2]
        for item in stack.resources
        if item.resource_type == _VERSION and f":function:{function}:" in item.physical_id
    ]
    return Alias(
        path=f"{stack.label}.{resource.logical_id}",
        expected=versions[0] if len(versions) == 1 else None,
        state=functions.read_alias(context.aws.client("lambda"), function, name),
    )
