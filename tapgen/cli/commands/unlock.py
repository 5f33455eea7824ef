"""``tapgen unlock``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, yes_option

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@yes_option
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection, yes: bool, as_json: bool) -> int:
    """Break the lock of an operation that cannot exist any more.

    A dead holder's lease ends by itself within a minute; this is for who
    cannot wait. Who broke which lock is recorded in the artifact bucket.

    \b
    Examples:
      tapgen unlock --env prod
    """
    from tapgen.cli.prompts import confirm_step
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.unlock import unlock

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("unlock") as operation:
        deployment = wiring.deployment
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=deployment.name)
        confirm = confirm_step("Break this lock?", assume_yes=yes, as_json=as_json)
        return operation.finish(unlock(context, deployment, confirm=confirm))
