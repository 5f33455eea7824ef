"""``tapgen status``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.naming import Names
from tapgen.ui.tables import relative_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.cli.app import App
    from tapgen.cli.options import Selection
    from tapgen.deploy.survey import Survey


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(app: App, *, selection: Selection, as_json: bool) -> None:
    """Show the stacks of a deployment, the live release and what to do when something is stuck."""
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.context import Context
    from tapgen.deploy.survey import survey

    wiring = Wiring(app, selection, as_json=as_json)
    environment = wiring.environment
    names = Names(environment)
    context = Context(aws=wiring.make_aws(environment.region), emit=lambda _: None)
    found = survey(context, names.root_stack)
    if as_json:
        click.echo(json.dumps(_document(names.deployment, found), indent=2))
        return
    for line in _lines(names, environment.name, found):
        click.echo(line)


def _document(deployment: str, found: Survey | None) -> dict[str, Any]:
    if found is None:
        return {"deployment": deployment, "status": "not-deployed", "stacks": []}
    return {
        "deployment": deployment,
        "status": found.root.status,
        "reason": found.root.status_reason,
        "release_id": found.root.parameters.get("ReleaseId", ""),
        "updated": found.root.last_updated.isoformat() if found.root.last_updated else None,
        "termination_protection": found.root.termination_protection,
        "hint": _way_out(found, deployment) or found.hint,
        "stacks": [
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
        ],
    }


def _lines(names: Names, environment: str, found: Survey | None) -> Iterator[str]:
    if found is None:
        yield f"{names.deployment} is not deployed"
        yield f"next: tapgen deploy --env {environment}"
        return
    root = found.root
    yield f"deployment  {names.deployment}"
    yield f"stack       {root.name}  {root.status}"
    if root.status_reason:
        yield f"reason      {root.status_reason}"
    yield f"release     {root.parameters.get('ReleaseId', 'unknown')}"
    if root.last_updated:
        age = relative_time(root.last_updated, now=datetime.now(UTC))
        yield f"updated     {root.last_updated:%Y-%m-%d %H:%M:%S %Z}, {age}"
    yield f"protection  {'on' if root.termination_protection else 'off'}"
    yield ""
    for stack in found.stacks[1:]:
        yield f"  {stack.label:<15} {stack.status:<25} {len(stack.resources):>3} resources"
        for item in stack.failed:
            yield f"    {item.logical_id} ({item.resource_type}): {item.reason}"
    way_out = _way_out(found, environment) or found.hint
    if way_out:
        yield ""
        yield f"next: {way_out}"


def _way_out(found: Survey, environment: str) -> str:
    """What preflight would say about the stack, were it deployed to now."""
    from tapgen.deploy.preflight import Blocked, Wanted, decide

    wanted = Wanted(environment=environment, root_stack=found.root.name, release_id="", tags={})
    decision = decide(found.root, wanted)
    return decision.error.hint if isinstance(decision, Blocked) else ""
