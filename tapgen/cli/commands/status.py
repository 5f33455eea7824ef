"""``tapgen status``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document

if TYPE_CHECKING:
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.deploy.state.stack_tree import Survey
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.lock import Seen
    from tapgen.model import Shift
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection, as_json: bool) -> None:
    """Show a deployment on one page, and what to do when something is stuck.

    Stacks, live release, aliases and how they differ from the stack, running
    shifts, guard alarms, and who holds the lock.

    \b
    Examples:
      tapgen status --env prod
      tapgen status --env prod --json | jq -r .status
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.ui.status import status_page

    seen = Wiring(project, selection, as_json=as_json).quiet_toolkit.status()
    deployment, situation, shifts, way_out = seen.deployment, seen.situation, seen.shifts, seen.next_step
    if as_json:
        print_document(_document(deployment, situation, shifts, way_out))
        return
    page = status_page(situation, deployment=deployment.name, shifts=shifts, way_out=way_out, now=datetime.now(UTC))
    for line in page:
        click.echo(line)


def _document(deployment: Deployment, situation: Situation, shifts: tuple[Shift, ...], way_out: str) -> dict[str, Any]:
    found = situation.survey
    head = {"deployment": deployment.name, "lock": _lock(situation.history.lock), "hint": way_out}
    if found is None:
        return head | {"status": "not-deployed", "stacks": []}
    live = situation.history.live
    return head | {
        "status": found.root.status,
        "reason": found.root.status_reason,
        "release_id": situation.history.live_release,
        "sequence": live.sequence if live else None,
        "updated": found.root.last_updated.isoformat() if found.root.last_updated else None,
        "termination_protection": found.root.termination_protection,
        "stacks": _stacks(found),
        "aliases": [
            {"path": alias.path, "drift": alias.drift, **(asdict(alias.state) if alias.state else {})}
            for alias in situation.aliases
        ],
        "shifts": [
            {
                "deployment_id": shift.deployment_id,
                "status": shift.status,
                "function": shift.function,
                "current_version": shift.current_version,
                "target_version": shift.target_version,
                "target_weight": shift.target_weight,
            }
            for shift in shifts
        ],
        "guards": [{"name": alarm.name, "state": alarm.state} for group in situation.groups for alarm in group.guards],
    }


def _stacks(found: Survey) -> list[dict[str, Any]]:
    return [
        {
            "stack": stack.label,
            "status": stack.status,
            "resources": len(stack.resources),
            "failed": [
                {"logical_id": item.logical_id, "type": item.resource_type, "reason": item.reason}
                for item in stack.failed
            ],
        }
        for stack in found.stacks
    ]


def _lock(seen: Seen | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    holder = seen.holder
    return {
        "who": holder.who,
        "operation": holder.operation,
        "host": holder.host,
        "pid": holder.pid,
        "started_at": holder.started_at.isoformat(),
        "ended": seen.ended,
    }
