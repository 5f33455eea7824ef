"""``tapgen deploy``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, yes_option
from tapgen.cli.release_options import terms_options
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection
    from tapgen.toolkit.terms import Ending, Terms


@click.command()
@selection_options
@yes_option
@click.option(
    "--execute-changeset/--no-execute-changeset",
    "execute",
    default=True,
    help="Stop after the change set has been made and shown.",
)
@click.option("--detach", is_flag=True, help="Leave when the execution has started; `tapgen attach` joins it.")
@terms_options
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Execute this sealed plan and nothing else; `tapgen plan` makes one.",
)
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    selection: Selection,
    yes: bool,
    execute: bool,
    detach: bool,
    terms: Terms,
    plan_file: Path | None,
    as_json: bool,
) -> int:
    """Render the environment, show the changes and deploy them.

    \b
    Examples:
      tapgen deploy --env local
      tapgen deploy --env dev --suffix pr-42 --yes
      tapgen deploy --env prod --no-execute-changeset
      tapgen deploy --env dev --allow-replace Data.TransactionsTable
      tapgen deploy --env prod --break-glass --reason "fixes the cause of the alarm"
      tapgen deploy --env prod --plan plan.json
    """
    from tapgen.cli.prompts import confirm_changes
    from tapgen.cli.wiring import Wiring

    wiring = Wiring(project, selection, as_json=as_json)
    confirm = confirm_changes(assume_yes=yes, as_json=as_json)
    until: Ending = "change-set" if not execute else "started" if detach else "live"
    if plan_file:
        _require_alone(terms, execute=execute)
    with wiring.operation("deploy") as operation:
        if plan_file:
            done = wiring.toolkit(operation).deploy_plan(plan_file, confirm=confirm, terms=terms, until=until)
            return operation.finish(done)
        if wiring.rendered.production:
            wiring.require_production_consent("deploy", assume_yes=yes)
        return operation.finish(wiring.toolkit(operation).deploy(confirm=confirm, terms=terms, until=until))


def _require_alone(terms: Terms, *, execute: bool) -> None:
    """What a plan has settled already cannot be said again."""
    settled = {
        "--break-glass": terms.break_glass,
        "--allow-broadening": terms.allowances.broadening,
        "--allow-replace": terms.allowances.replace,
        "--allow-public": terms.allowances.public,
        "--role-arn": terms.role_arn,
        "--no-execute-changeset": not execute,
    }
    said = [name for name, value in settled.items() if value]
    if said:
        raise UsageError(
            f"--plan and {said[0]} do not go together",
            why="the plan says what is executed, and how",
            hint=f"say {said[0]} when the plan is made, or leave --plan out",
            code="plan-settled",
        )
