"""Which dead-letter queue is meant, and what came of its letters: shared by ``redrive`` and ``archive replay``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from tapgen.cli.printing import print_document
from tapgen.errors import ExitCode, UsageError
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.deploy.redrive import Redriven, RedriveRequest
    from tapgen.parts.queue.model import Queue
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


def run_redrive(project: Project, selection: Selection, *, queue: str | None, dry_run: bool, as_json: bool) -> int:
    """Redrive a queue of the deployment and print what became of each message."""
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.redrive import redrive

    wiring = Wiring(project, selection, as_json=as_json)
    environment = wiring.environment
    request = make_redrive_request(environment, queue, dry_run=dry_run)
    done = redrive(wiring.make_aws(environment.region), request)
    if as_json:
        letters = [dataclasses.asdict(item) for item in done]
        deployment = Names(environment).deployment
        print_document({"deployment": deployment, "queue": request.queue, "dry_run": dry_run, "letters": letters})
    else:
        _show(done)
    return ExitCode.NEEDS_HUMAN if any(item.remains for item in done) else ExitCode.DONE


def make_redrive_request(environment: Environment, queue: str | None, *, dry_run: bool) -> RedriveRequest:
    """Which queue is meant.

    Args:
        environment: With its service.
        queue: A queue of the service, a physical name, or None for the one that there is.
        dry_run: Leave everything where it is.

    Raises:
        UsageError: Nothing was named and there is not exactly one.
    """
    from tapgen.deploy.redrive import RedriveRequest
    from tapgen.parts.queue.model import Queue
    from tapgen.parts.queue.names import physical_name

    names, queues = Names(environment), environment.service.of(Queue)
    holding = [part for part in queues if part.holds_failures]
    chosen = _find(queues, queue) if queue else _only(holding)
    source = next((part for part in queues if chosen and part.dead_letters == chosen), None)
    return RedriveRequest(
        environment=environment.name,
        account_id=environment.account_id,
        queue=physical_name(names, chosen) if chosen else str(queue),
        source_queue=physical_name(names, source) if source else "",
        dry_run=dry_run,
    )


def _find(queues: tuple[Queue, ...], name: str) -> Queue | None:
    """A queue by its name in the service: its dead letters where it has some; None when the service has none."""
    found = next((part for part in queues if part.name == name), None)
    return (found.dead_letters or found) if found else None


def _only(holding: list[Queue]) -> Queue:
    if len(holding) == 1:
        return holding[0]
    raise UsageError(
        "the service has no dead-letter queue" if not holding else "the service has several dead-letter queues",
        hint=f"name one: {', '.join(part.name for part in holding)}" if holding else "name a queue of the account",
        code="no-queue",
    )


def _show(done: list[Redriven]) -> None:
    from tapgen.ui.tables import table

    if not done:
        click.echo("no dead letters")
        return
    click.echo(table(("outcome", "sequence number", "reason"), [_row(item) for item in done]))
    remaining = sum(item.remains for item in done)
    if remaining:
        click.echo(f"{remaining} of {len(done)} stay in the queue")


def _row(item: Redriven) -> tuple[str, str, str]:
    again = item.detail in ("", item.reason)
    return item.outcome, item.sequence_numbers, item.reason if again else f"{item.reason} → {item.detail}"
