"""A deployment on one page: stacks, live release, aliases, shifts, guards, lock, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.short_names import shortener
from tapgen.ui.tables import relative_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tapgen.deploy.state.observed_state import Alias, Situation
    from tapgen.deploy.state.stack_tree import Survey
    from tapgen.ledger.record import Record
    from tapgen.model import Shift


def status_page(
    situation: Situation, *, deployment: str, shifts: tuple[Shift, ...], way_out: str, now: datetime
) -> Iterator[str]:
    """The page's lines."""
    found = situation.survey
    if found is None:
        yield f"{deployment} is not deployed"
    else:
        yield from _root(found, situation, deployment=deployment, now=now)
        yield ""
        yield from _stacks(found)
        short = shortener(found.root.name)
        yield from map(short, (*_aliases(situation), *_shifts(shifts), *_guards(situation)))
    yield from _lock(situation, now=now)
    if way_out:
        yield ""
        yield f"next: {way_out}"


def _root(found: Survey, situation: Situation, *, deployment: str, now: datetime) -> Iterator[str]:
    root = found.root
    yield f"deployment  {deployment}"
    yield f"stack       {root.name}  {root.status}"
    if root.status_reason:
        yield f"reason      {root.status_reason}"
    yield f"release     {_release(situation.history.live_release, situation.history.live)}"
    if root.last_updated:
        age = relative_time(root.last_updated, now=now)
        yield f"updated     {root.last_updated:%Y-%m-%d %H:%M:%S %Z}, {age}"
    yield f"protection  {'on' if root.termination_protection else 'off'}"


def _release(release_id: str, live: Record | None) -> str:
    if live is None:
        return f"{release_id or 'unknown'}{'  (no record)' if release_id else ''}"
    source = live.intent.source
    commit = f"  commit {source.commit[:7]}{'+' if source.dirty else ''}" if source else ""
    return f"{release_id}  #{live.sequence}{commit}  by {live.intent.who}"


def _stacks(found: Survey) -> Iterator[str]:
    for stack in found.stacks[1:]:
        yield f"  {stack.label:<15} {stack.status:<25} {len(stack.resources):>3} resources"
        for item in stack.failed:
            yield f"    {item.logical_id} ({item.resource_type}): {item.reason}"


def _aliases(situation: Situation) -> Iterator[str]:
    if situation.aliases:
        yield ""
    for alias in situation.aliases:
        yield f"alias       {_alias(alias)}"


def _alias(alias: Alias) -> str:
    where = f"{alias.state.function}:{alias.state.name} → version {alias.state.version}" if alias.state else alias.path
    return f"{where}  DRIFT: {alias.drift}" if alias.drift else f"{where}  as the stack says"


def _shifts(shifts: tuple[Shift, ...]) -> Iterator[str]:
    for shift in shifts:
        yield (
            f"shift       {shift.deployment_id}  {shift.status}  {shift.function}: version {shift.current_version} → "
            f"{shift.target_version} at {shift.target_weight:.0%}"
        )


def _guards(situation: Situation) -> Iterator[str]:
    guards = {alarm.name: alarm for group in situation.groups for alarm in group.guards}
    red = [alarm for alarm in guards.values() if alarm.state == "ALARM"]
    if guards:
        silent = sum(alarm.state == "INSUFFICIENT_DATA" for alarm in guards.values())
        yield f"guards      {len(guards)} alarms, {len(red)} in ALARM, {silent} without data"
    for alarm in red:
        yield f"    {alarm.name}: {alarm.reason}"


def _lock(situation: Situation, *, now: datetime) -> Iterator[str]:
    seen = situation.history.lock
    if seen is None:
        yield "lock        free"
        return
    state = f"dead: {seen.ended}" if seen.ended else f"renewed {seen.age_s:.0f} s ago"
    yield f"lock        {seen.holder.title}, {relative_time(seen.holder.started_at, now=now)}, {state}"
