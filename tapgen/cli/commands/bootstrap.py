"""``tapgen bootstrap``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.cli.options import Selection
    from tapgen.cli.project import App
    from tapgen.cli.wiring import Wiring
    from tapgen.config.environment import Environment
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.engine.context import Context


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(app: App, *, selection: Selection, as_json: bool) -> int:
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

    wiring = Wiring(app, selection, as_json=as_json)
    with wiring.operation("bootstrap") as operation:
        request = make_request(wiring.environment)
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=request.stack)
        return operation.finish(bootstrap(context, request))


def make_request(environment: Environment) -> BootstrapRequest:
    """The bootstrap stack of an environment, rendered. Suffixes share it: its tags name none of them."""
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.templates.bootstrap import build_bootstrap

    return BootstrapRequest(
        environment=environment.name,
        account_id=environment.account_id,
        stack=Names(environment).bootstrap_stack,
        template_body=json.dumps(build_bootstrap(environment), sort_keys=True),
        tags=replace(environment, suffix=None).cost_tags,
    )


def bootstrap_local(wiring: Wiring, context: Context) -> None:
    """The embedded AWS bootstraps itself: nobody else uses it."""
    from tapgen.deploy.bootstrap import bootstrap

    bootstrap(context, make_request(wiring.environment))
