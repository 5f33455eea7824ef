"""``tapgen redrive``: what could not be processed, once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@click.argument("queue", required=False)
@selection_options
@click.option("--dry-run", is_flag=True, help="Show what is in the queue and leave it there.")
@json_option
@click.pass_obj
def command(project: Project, *, queue: str | None, selection: Selection, dry_run: bool, as_json: bool) -> int:
    """Give dead letters to those who did not take them once more.

    QUEUE is a queue of the service by its name there, or a physical name;
    for a queue that has dead letters of its own, theirs. It may be left
    out where there is one.

    Messages go back to the queue that they came from; records and events
    that a function did not take go to its live alias. What is taken is
    deleted; what is refused again stays, with the reason.

    \b
    Examples:
      tapgen redrive --env prod --dry-run
      tapgen redrive --env prod fulfilment
      tapgen redrive --env prod fulfilment --json
    """
    from tapgen.cli.redriving import run_redrive

    return run_redrive(project, selection, queue=queue, dry_run=dry_run, as_json=as_json)
