"""``tapgen report``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Record
    from tapgen.report.model import Report
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option("--release", metavar="ID", help="Its number, its id or the id's beginning; the newest one if left out.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write the page to.")
@click.option("--open", "in_browser", is_flag=True, help="Show the page in a browser.")
@json_option
@click.pass_obj
def command(
    project: Project, *, selection: Selection, release: str | None, output: Path | None, in_browser: bool, as_json: bool
) -> None:
    """Show a release on one page: what changed, the stacks, the shift, the verdict.

    Every deploy and rollback leaves its report in the artifact bucket. One that
    has none is put together from its record and from what AWS still knows.

    \b
    Examples:
      tapgen report --env prod --open
      tapgen report --env prod --release 12 -o release-12.html
      tapgen report --env prod --release 7f3a --json
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.report.model import encode
    from tapgen.report.page import draw_page

    wiring = Wiring(project, selection, as_json=as_json)
    context, deployment = wiring.silent_context, wiring.deployment
    record = _choose(deployment.ledger(context).read_all(), deployment, release)
    report = _read(context, deployment, record)
    if as_json:
        click.echo(encode(report).decode())
        return
    file = output or project.folder / ".tapgen" / "reports" / f"{deployment.name}-{record.sequence}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(draw_page(report), encoding="utf-8")
    click.echo(str(file))
    if in_browser:
        webbrowser.open(file.resolve().as_uri())


def _choose(records: Sequence[Record], deployment: Deployment, wanted: str | None) -> Record:
    from tapgen.ledger.history import find_record

    if wanted:
        return find_record(records, wanted)
    executed = [record for record in records if record.execution]
    if not executed:
        raise UsageError(
            f"{deployment.name} has no release that was executed",
            hint=f"`tapgen deploy {deployment.options}` makes one",
            code="no-such-release",
        )
    return executed[-1]


def _read(context: Context, deployment: Deployment, record: Record) -> Report:
    from tapgen.report.reading import read_stored
    from tapgen.report.rebuild import rebuild

    stored = read_stored(context, deployment, record.sequence)
    if stored:
        return stored
    click.echo(f"no report of release {record.sequence} was kept: it is put together from what is known", err=True)
    return rebuild(context, deployment, record)
