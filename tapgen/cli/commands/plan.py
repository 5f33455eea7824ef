"""``tapgen plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.default_group import DefaultGroup
from tapgen.cli.durations import read_duration
from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document
from tapgen.cli.release_options import terms_options

if TYPE_CHECKING:
    from datetime import timedelta

    from tapgen.deploy.plans.document import SealedPlan
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection
    from tapgen.toolkit.terms import Terms


@click.group(cls=DefaultGroup, default="make")
def command() -> None:
    """Make a change set for somebody else to execute, and seal it.

    The plan binds the change set to everything that it was made against:
    templates and zips in the bucket, parameters, the live release, stacks,
    aliases and guard alarms. `tapgen deploy --plan FILE` executes exactly that,
    or refuses and says what moved.

    \b
    Examples:
      tapgen plan --env prod -o plan.json
      tapgen plan show plan.json
      tapgen deploy --env prod --plan plan.json
    """


@command.command("make")
@selection_options
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the plan is written to.",
)
@click.option(
    "--expires-in",
    callback=read_duration,
    default="24h",
    show_default=True,
    metavar="DURATION",
    help="How long it may be executed: 90m, 8h, 2d.",
)
@terms_options
@json_option
@click.pass_obj
def make_command(
    project: Project,
    *,
    selection: Selection,
    output: Path,
    expires_in: timedelta,
    terms: Terms,
    as_json: bool,
) -> int:
    """Make the change set of the project as it is, leave it in place, and write the sealed plan.

    \b
    Examples:
      tapgen plan --env prod -o plan.json --expires-in 8h
    """
    from tapgen.cli.wiring import Wiring

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("plan") as operation:
        toolkit = wiring.toolkit(operation)
        return operation.finish(toolkit.plan(output, expires_in=expires_in, terms=terms))


@command.command("show")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def show_command(*, file: Path, as_json: bool) -> None:
    """Show what a plan would do, who made it, and what it is bound to. Needs no AWS.

    \b
    Examples:
      tapgen plan show plan.json
    """
    from tapgen.toolkit.plan_file import read_plan
    from tapgen.ui.plans import plan_page

    plan = read_plan(file)
    if as_json:
        print_document(_document(plan))
        return
    for line in plan_page(plan):
        click.echo(line)


def _document(plan: SealedPlan) -> dict[str, Any]:
    intent = plan.intent
    return {
        "deployment": plan.settings["deployment"],
        "environment": plan.settings["environment"],
        "account_id": plan.settings["account_id"],
        "region": plan.settings["region"],
        "release_id": intent.release_id,
        "sequence": intent.sequence,
        "who": intent.who,
        "host": intent.host,
        "commit": intent.source.commit if intent.source else None,
        "dirty": intent.source.dirty if intent.source else None,
        "made_at": plan.plan.created_at.isoformat(),
        "expires_at": plan.expires_at.isoformat(),
        "kind": plan.plan.kind,
        "counts": dict(plan.plan.counts),
        "changes": list(plan.plan.changes),
        "bound": plan.bound,
        "seal": plan.seal,
    }
