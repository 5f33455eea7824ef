"""``tapgen archive replay``: the name that ``tapgen redrive`` had when there was one queue to redrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.group()
def command() -> None:
    """Look after dead letters, as before `tapgen redrive`."""


@command.command()
@selection_options
@click.option("--dry-run", is_flag=True, help="Show what is in the dead-letter queue and leave it there.")
@json_option
@click.pass_obj
def replay(project: Project, *, selection: Selection, dry_run: bool, as_json: bool) -> int:
    """Do what `tapgen redrive` does without a queue.

    \b
    Examples:
      tapgen archive replay --env prod --dry-run
    """
    from tapgen.cli.redriving import run_redrive

    return run_redrive(project, selection, queue=None, dry_run=dry_run, as_json=as_json)
