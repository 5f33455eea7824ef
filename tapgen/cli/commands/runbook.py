"""``tapgen runbook``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.toolkit.project import Project


@click.command()
@click.argument("name", required=False)
@click.pass_obj
def command(project: Project, *, name: str | None) -> None:
    """Print the runbook that an alarm names, or list them all.

    Works without a project. A project's own docs/runbooks/NAME.md comes
    before the one that tapgen brings.

    \b
    Examples:
      tapgen runbook
      tapgen runbook function-errors
    """
    from tapgen.pages import list_runbooks, read_page

    pages = list_runbooks(_project(project))
    if name:
        click.echo(read_page(name, pages, what="runbook"), nl=False)
        return
    for slug in pages:
        click.echo(slug)


def _project(project: Project) -> Path | None:
    from tapgen.errors import UsageError

    try:
        return project.folder
    except UsageError:
        if project.named:
            raise
        return None
