"""``tapgen gc``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, wait_option, yes_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.retention.decide import Decision
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Releases that stay restorable, live included.",
)
@click.option("--dry-run", is_flag=True, help="Show what would go, and why; remove nothing.")
@yes_option
@wait_option
@json_option
@click.pass_obj
def command(
    project: Project, *, selection: Selection, keep: int, dry_run: bool, yes: bool, wait: bool, as_json: bool
) -> int:
    """Remove artifacts, templates and Lambda versions that nothing needs.

    Keeps what the last releases, a live alias, any live stack, or another
    deployment in the bucket needs, and says why of each.

    \b
    Examples:
      tapgen gc --env prod --dry-run
      tapgen gc --env prod
    """
    from tapgen.cli.prompts import confirm_step
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.retention.gc import GcRequest, collect_garbage

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("gc") as operation:
        deployment = wiring.deployment
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=deployment.name)
        request = GcRequest(
            deployment=deployment,
            keep=keep,
            show=_show(as_json=as_json),
            confirm=confirm_step("Remove these?", assume_yes=yes, as_json=as_json),
            dry_run=dry_run,
            wait=wait,
        )
        return operation.finish(collect_garbage(context, request))


def _show(*, as_json: bool) -> Callable[[tuple[Decision, ...]], None]:
    return _print_json if as_json else _print_table


def _print_json(decisions: tuple[Decision, ...]) -> None:
    from dataclasses import asdict

    items = [asdict(decision) for decision in decisions]
    click.echo(json.dumps({"type": "retention-decided", "decisions": items}))


def _print_table(decisions: tuple[Decision, ...]) -> None:
    from tapgen.ui.tables import human_size, table

    rows = [
        (
            "keep" if decision.keep else "remove",
            decision.kind,
            decision.name,
            human_size(decision.size_bytes) if decision.size_bytes else "",
            decision.reason,
        )
        for decision in sorted(decisions, key=lambda decision: (decision.keep, decision.kind, decision.name))
    ]
    if rows:
        click.echo(table(("", "what", "name", "size", "why"), rows, "<<<>"))
