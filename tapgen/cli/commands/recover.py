"""``tapgen recover``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, wait_option, yes_option

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@yes_option
@wait_option
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection, yes: bool, wait: bool, as_json: bool) -> int:
    """Lead a deployment out of a state that it does not leave by itself.

    Looks at stacks, shifts, aliases, change sets and records, shows the one
    safe action, takes it, and looks again until all is well. Refuses where
    no action is safe, and says what a person can do.

    \b
    Examples:
      tapgen recover --env prod
    """
    from tapgen.cli.prompts import confirm_step
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.recovery.execute import RecoverRequest, recover

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("recover") as operation:
        deployment = wiring.deployment
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=deployment.name)
        confirm = confirm_step("Do that?", assume_yes=yes, as_json=as_json)
        request = RecoverRequest(deployment=deployment, confirm=confirm, wait=wait)
        return operation.finish(wiring.with_local_outputs(recover(context, request)))
