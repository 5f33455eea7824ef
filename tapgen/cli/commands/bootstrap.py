"""``tapgen bootstrap``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection, as_json: bool) -> int:
    """Create the artifact bucket and the roles of an environment, or bring them up to date.

    Once for each environment and region, and again when the templates use
    other resource types. Deploys upload to the bucket; CloudFormation works
    with its own role. The environment `local` does this by itself.

    \b
    Examples:
      tapgen bootstrap --env dev --profile my-profile
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.bootstrap import bootstrap
    from tapgen.toolkit.bootstrap_request import bootstrap_request

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("bootstrap") as operation:
        request = bootstrap_request(wiring.environment)
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=request.stack)
        return operation.finish(bootstrap(context, request))
