"""``tapgen releases``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.default_group import DefaultGroup
from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document
from tapgen.cli.suggestions import remember_releases, suggest_releases

if TYPE_CHECKING:
    from tapgen.deploy.state.observed_state import History
    from tapgen.ledger.record import Record
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.group(cls=DefaultGroup, default="list")
def command() -> None:
    """List the releases of a deployment, and show one.

    \b
    Examples:
      tapgen releases --env prod
      tapgen releases show 12 --env prod
      tapgen releases show 7f3a --env prod --json
    """


@command.command("list")
@selection_options
@click.option("-n", "--number", type=click.IntRange(1), default=20, show_default=True, help="Show the newest N.")
@json_option
@click.pass_obj
def list_command(project: Project, *, selection: Selection, number: int, as_json: bool) -> None:
    """List the newest releases: which is live, which failed and why.

    \b
    Examples:
      tapgen releases --env prod
      tapgen releases --env prod -n 5 --json
    """
    from tapgen.deploy.state.release_status import status_of
    from tapgen.ui.releases import list_releases

    name, history = _read(project, selection)
    shown = history.records[-number:]
    if as_json:
        releases = [_document(record, history) for record in reversed(shown)]
        print_document({"deployment": name, "releases": releases})
    elif not shown:
        click.echo(f"{name} has no releases yet")
    else:
        listed = [(record, status_of(record, history)) for record in shown]
        click.echo(list_releases(listed, live=history.live, now=datetime.now(UTC)))


@command.command("show")
@click.argument("release", shell_complete=suggest_releases)
@selection_options
@json_option
@click.pass_obj
def show_command(project: Project, *, release: str, selection: Selection, as_json: bool) -> None:
    """Show all that is recorded of one release, by its number, its id or the id's beginning.

    \b
    Examples:
      tapgen releases show 12 --env prod
      tapgen releases show 7f3a --env prod --json
    """
    from tapgen.deploy.state.release_status import status_of
    from tapgen.ledger.history import find_record
    from tapgen.ui.releases import show_release

    _, history = _read(project, selection)
    record = find_record(history.records, release)
    if as_json:
        print_document(_document(record, history) | {"record": record.documents})
        return
    for line in show_release(record, status_of(record, history), is_live=_is_live(record, history)):
        click.echo(line)


def _read(project: Project, selection: Selection) -> tuple[str, History]:
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.state.observed_state import read_history

    wiring = Wiring(project, selection, as_json=False)
    history = read_history(wiring.silent_context, wiring.deployment)
    seen = [(record.release_id, record.sequence) for record in reversed(history.records)]
    remember_releases(project.folder, selection.environment, selection.suffix, releases=seen)
    return wiring.deployment.name, history


def _is_live(record: Record, history: History) -> bool:
    return history.live is not None and history.live.sequence == record.sequence


def _document(record: Record, history: History) -> dict[str, Any]:
    from tapgen.deploy.state.release_status import status_of

    current = status_of(record, history)
    intent, outcome = record.intent, record.outcome
    return {
        "sequence": record.sequence,
        "release_id": record.release_id,
        "live": _is_live(record, history),
        "status": current.word,
        "note": current.note,
        "recorded": current.recorded,
        "operation": intent.operation,
        "restores": intent.restores.sequence if intent.restores else None,
        "adopts": [asdict(each) for each in intent.adopts],
        "who": intent.who,
        "started_at": intent.started_at.isoformat(),
        "finished_at": outcome.finished_at.isoformat() if outcome else None,
        "commit": intent.source.commit if intent.source else None,
        "dirty": intent.source.dirty if intent.source else None,
        "counts": dict(record.plan.counts) if record.plan else None,
        "break_glass": intent.break_glass,
        "verdict": outcome.verdict if outcome else None,
    }
