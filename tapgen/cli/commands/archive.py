"""``tapgen archive``: what could not be archived."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document
from tapgen.errors import ExitCode
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.cli.options import Selection
    from tapgen.cli.project import App
    from tapgen.deploy.replay import Replayed


@click.group()
def command() -> None:
    """Look after the archive of all changes."""


@command.command()
@selection_options
@click.option("--dry-run", is_flag=True, help="Show what is in the dead-letter queue and leave it there.")
@json_option
@click.pass_obj
def replay(app: App, *, selection: Selection, dry_run: bool, as_json: bool) -> int:
    """Put dead letters back into the archive.

    The live archiver gets each record once more. What it archives is
    deleted from the queue; what it refuses stays, with the reason.

    \b
    Examples:
      tapgen archive replay --env prod --dry-run
      tapgen archive replay --env prod --json
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy import replay as operation

    wiring = Wiring(app, selection, as_json=as_json)
    environment = wiring.environment
    names = Names(environment)
    request = operation.ReplayRequest(
        environment=environment.name,
        account_id=environment.account_id,
        queue=names.name("queue", "dead-letters"),
        function=names.function("archiver"),
        dry_run=dry_run,
    )
    replayed = operation.replay(wiring.make_aws(environment.region), request)
    if as_json:
        letters = [dataclasses.asdict(item) for item in replayed]
        print_document({"deployment": names.deployment, "dry_run": dry_run, "letters": letters})
    else:
        _show(replayed)
    return ExitCode.NEEDS_HUMAN if any(item.remains for item in replayed) else ExitCode.DONE


def _show(replayed: list[Replayed]) -> None:
    from tapgen.ui.tables import table

    if not replayed:
        click.echo("no dead letters")
        return
    click.echo(table(("outcome", "sequence number", "reason"), [_row(item) for item in replayed]))
    remaining = sum(item.remains for item in replayed)
    if remaining:
        click.echo(f"{remaining} of {len(replayed)} stay in the queue")


def _row(item: Replayed) -> tuple[str, str, str]:
    again = item.detail in ("", item.reason)
    return item.outcome, item.sequence_numbers, item.reason if again else f"{item.reason} → {item.detail}"
