"""``tapgen attach``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.config.shift import shift_policy
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.cli.options import Selection
    from tapgen.cli.project import App


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(app: App, *, selection: Selection, as_json: bool) -> int:
    """Join a deployment that is running, from any machine.

    Shows what `tapgen deploy` would show from here on, and exits as it would.

    \b
    Examples:
      tapgen attach --env prod
    """
    from tapgen.cli.probes import make_probes, watch_on
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.release.attach import AttachRequest, attach
    from tapgen.report.reporter import ReleaseReporter

    wiring = Wiring(app, selection, as_json=as_json)
    with wiring.operation("attach") as operation:
        environment = wiring.environment
        names = Names(environment)
        context = wiring.open_context(operation, region=environment.region, deployment=names.deployment)
        reporter = ReleaseReporter(context, wiring.deployment)
        context = reporter.context
        policy = shift_policy(environment)
        probes = make_probes(wiring, context, policy, root_stack=names.root_stack)
        request = AttachRequest(
            deployment=wiring.deployment,
            policy=policy,
            probes=probes,
            reporter=reporter,
        )
        result = watch_on(wiring, context, policy, attach(context, request), probes=probes)
        return operation.finish(wiring.with_local_outputs(result))
