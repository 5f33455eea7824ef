"""``tapgen verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options

if TYPE_CHECKING:
    from tapgen.cli.options import Selection
    from tapgen.cli.project import App
    from tapgen.cli.wiring import Wiring
    from tapgen.verification.deployed import Deployed


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(app: App, *, selection: Selection, as_json: bool) -> int:
    """Check that what is deployed works and is protected as configured.

    A smoke test creates, reads, lists and deletes a transaction through the
    public API; further checks look at aliases, alarms, subscriptions, logs,
    buckets and the table, and for anything that was changed by hand. Nothing
    is changed and nothing is left behind. An API with JWT authorization wants
    a token in TAPGEN_PROBE_TOKEN.

    The exit code is 4 when a check failed; what is skipped says why.

    \b
    Examples:
      tapgen verify --env dev
      TAPGEN_PROBE_TOKEN=… tapgen verify --env prod --json
    """
    from tapgen.cli.findings import print_findings
    from tapgen.cli.wiring import Wiring
    from tapgen.errors import ExitCode
    from tapgen.verification.verify import verify

    findings = verify(_look(Wiring(app, selection, as_json=as_json)))
    return print_findings(findings, as_json=as_json, failure=ExitCode.ROLLED_BACK)


def _look(wiring: Wiring) -> Deployed:
    """The deployment as it is.

    Raises:
        UsageError: Nothing is deployed.
    """
    from tapgen.aws.http_api import ApiCaller, no_authorization
    from tapgen.cli.probes import authorize
    from tapgen.deploy.state.observed_state import observe
    from tapgen.verification.deployed import Deployed
    from tapgen.verification.verify import not_deployed

    context, deployment = wiring.silent_context, wiring.deployment
    situation = observe(context, deployment)
    has_api = wiring.environment.service.api is not None
    if situation.survey is None or (has_api and "ApiUrl" not in situation.survey.root.outputs):
        raise not_deployed(deployment.name, deployment.options)
    outputs = wiring.local_outputs(situation.survey.root.outputs)
    url = outputs.get("LocalApiUrl") or outputs.get("ApiUrl", "")
    return Deployed(
        context=context,
        deployment=deployment,
        environment=wiring.environment,
        situation=situation,
        found=situation.survey,
        stranger=ApiCaller(url, no_authorization) if url else None,
        access=authorize(context.aws, wiring.environment.api.authorization, url) if url else None,
    )
