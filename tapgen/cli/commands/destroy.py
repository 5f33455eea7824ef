"""``tapgen destroy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, yes_option
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@yes_option
@click.option("--delete-data", is_flag=True, help="Delete the data that is retained as well. There is no way back.")
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection, yes: bool, delete_data: bool, as_json: bool) -> int:
    """Delete a deployment. Resources with data stay, and are named.

    Production, `stack_protection: true` and stacks with termination
    protection are refused.

    \b
    Examples:
      tapgen destroy --env dev
      tapgen destroy --env dev --suffix pr-42 --delete-data --yes
    """
    from tapgen.cli.prompts import confirm_destruction
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.destroy import DestroyRequest, destroy

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("destroy") as operation:
        environment = wiring.environment
        names = Names(environment)
        request = DestroyRequest(
            deployment=wiring.deployment,
            protected=environment.production or environment.stack_protection,
            confirm=confirm_destruction(names.deployment, assume_yes=yes, as_json=as_json),
            delete_data=delete_data,
        )
        context = wiring.open_context(operation, region=environment.region, deployment=names.deployment)
        return operation.finish(destroy(context, request))
