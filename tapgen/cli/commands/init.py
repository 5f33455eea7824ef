"""``tapgen init``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from tapgen.cli.options import json_option
from tapgen.cli.printing import print_document
from tapgen.starters.catalogue import DEFAULT, STARTERS, find_starter


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".", metavar="[DIR]")
@click.option(
    "--from",
    "starter",
    type=click.Choice([starter.name for starter in STARTERS]),
    default=DEFAULT,
    show_default=True,
    help="What to begin with.",
)
@json_option
def command(*, folder: Path, starter: str, as_json: bool) -> None:
    """Begin a project in an empty folder.

    Writes what the service is (config/service.py), its environments
    (config/environments.yaml), handlers with tests, and a CI workflow. The
    service is called like the folder. Asks nothing, and overwrites nothing.

    \b
    Examples:
      tapgen init orders
      tapgen init orders --from worker
      tapgen init ledger --from transactions
    """
    from tapgen.starters.writing import write_project

    chosen = find_starter(starter)
    target = folder.resolve()
    from tapgen.build import Builder

    written = [str(path.relative_to(target)) for path in write_project(target, chosen)]
    Builder(target).environments.refresh_editor_schema()
    if as_json:
        print_document({"folder": str(target), "starter": chosen.name, "files": written})
        return
    click.echo(f"{target}: {chosen.description}")
    for name in written:
        click.echo(f"  {name}")
    click.echo("next:")
    if target != Path.cwd():
        click.echo(f"  cd {shlex.quote(str(folder))}")
    click.echo("  tapgen deploy --env local")
