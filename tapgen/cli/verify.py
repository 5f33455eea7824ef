"""``tapgen verify``."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options

if TYPE_CHECKING:
    from tapgen.cli.app import App
    from tapgen.cli.options import Selection
    from tapgen.cli.wiring import Wiring
    from tapgen.verification.deployed import Deployed
    from tapgen.verification.finding import Finding


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(app: App, *, selection: Selection, as_json: bool) -> None:
    """Check that what is deployed works and is protected as configured.

    A smoke test creates, reads, lists and deletes a transaction through the
    public API; further checks look at aliases, alarms, subscriptions, logs,
    buckets and the table. Nothing is changed and nothing is left behind. An
    API with JWT authorization wants a token in TAPGEN_PROBE_TOKEN.

    The exit code is 4 when a check failed; what is skipped says why.

    \b
    Examples:
      tapgen verify --env dev
      TAPGEN_PROBE_TOKEN=… tapgen verify --env prod --json
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.ui.terminal import use_color
    from tapgen.ui.verification import verification_page
    from tapgen.verification.verify import verify

    wiring = Wiring(app, selection, as_json=as_json)
    findings = verify(_look(wiring))
    if as_json:
        click.echo(json.dumps(_document(wiring.deployment.name, findings), indent=2))
    else:
        color = use_color(os.environ, isatty=sys.stdout.isatty())
        for line in verification_page(findings, color=color):
            click.echo(line, color=color)
    _judge(findings)


def _look(wiring: Wiring) -> Deployed:
    """The deployment as it is.

    Raises:
        UsageError: Nothing is deployed.
    """
    from tapgen.aws.http_api import ApiCaller, no_authorization
    from tapgen.cli.probes import authorize
    from tapgen.deploy.situation import observe
    from tapgen.verification.deployed import Deployed
    from tapgen.verification.verify import not_deployed

    context, deployment = wiring.silent_context, wiring.deployment
    situation = observe(context, deployment)
    if situation.survey is None or "ApiUrl" not in situation.survey.root.outputs:
        raise not_deployed(deployment.name, deployment.options)
    outputs = wiring.local_outputs(situation.survey.root.outputs)
    url = outputs.get("LocalApiUrl") or outputs["ApiUrl"]
    return Deployed(
        context=context,
        environment=wiring.environment,
        situation=situation,
        found=situation.survey,
        stranger=ApiCaller(url, no_authorization),
        access=authorize(context.aws, wiring.environment.api.authorization, url),
    )


def _document(deployment: str, findings: tuple[Finding, ...]) -> dict[str, object]:
    counts = {
        outcome: sum(finding.outcome == outcome for finding in findings) for outcome in ("passed", "failed", "skipped")
    }
    return {
        "deployment": deployment,
        "status": "failed" if counts["failed"] else "passed",
        "counts": counts,
        "findings": [finding.as_dict() for finding in findings],
    }


def _judge(findings: tuple[Finding, ...]) -> None:
    """Raise when a check failed.

    Raises:
        VerificationError: With every failure.
    """
    from tapgen.errors import VerificationError

    failed = [finding for finding in findings if finding.outcome == "failed"]
    if failed:
        raise VerificationError(
            f"{len(failed)} of {len(findings)} checks failed",
            why="\n".join(f"{finding.id}: {finding.why}" for finding in failed),
            hint=failed[0].fix,
        )
