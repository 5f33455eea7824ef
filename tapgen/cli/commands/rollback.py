"""``tapgen rollback``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import allow_replace_option, json_option, selection_options, wait_option, yes_option
from tapgen.cli.suggestions import suggest_releases

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option(
    "--to",
    metavar="ID|-N",
    help="Release to restore: id, number, or -N for the Nth before the live one.",
    shell_complete=suggest_releases,
)
@click.option("--gradual", is_flag=True, help="Shift traffic as the release configured it, instead of all at once.")
@click.option(
    "--role-arn", metavar="ARN", help="Service role that CloudFormation assumes; the recorded one if left out."
)
@allow_replace_option
@yes_option
@wait_option
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    selection: Selection,
    to: str | None,
    gradual: bool,
    role_arn: str | None,
    allow_replace: tuple[str, ...],
    yes: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Take an earlier release live again, or stop the one that is on its way.

    While traffic shifts or an update runs, that is stopped and rolls back.
    Otherwise the recorded templates and artifacts of an earlier release are
    deployed again, through a change set that is shown first. Data is never
    rolled back.

    \b
    Examples:
      tapgen rollback --env prod
      tapgen rollback --env prod --to -2
      tapgen rollback --env prod --to 7f3a --gradual
    """
    from tapgen.cli.prompts import confirm_changes, confirm_step
    from tapgen.cli.wiring import Wiring
    from tapgen.toolkit.terms import RollbackTerms

    wiring = Wiring(project, selection, as_json=as_json)
    terms = RollbackTerms(
        to=to,
        confirm_stop=confirm_step("Stop it?", assume_yes=yes, as_json=as_json),
        gradual=gradual,
        role_arn=role_arn,
        allow_replace=allow_replace,
        wait=wait,
    )
    confirm = confirm_changes(assume_yes=yes, as_json=as_json)
    with wiring.operation("rollback") as operation:
        return operation.finish(wiring.toolkit(operation).rollback(confirm=confirm, terms=terms))
