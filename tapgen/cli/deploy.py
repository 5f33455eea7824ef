"""``tapgen deploy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import allowance_options, json_option, selection_options, wait_option, yes_option
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.cli.app import App
    from tapgen.cli.options import Selection
    from tapgen.gates.allowances import Allowances


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
@click.option(
    "--break-glass",
    is_flag=True,
    help="Ship past a guard that is red already, this once; the next deploy puts it back. Needs --reason.",
)
@click.option("--reason", metavar="TEXT", default="", help="Why the glass is broken; it is recorded.")
@allowance_options
@click.option("--role-arn", metavar="ARN", help="Service role that CloudFormation assumes; bootstrap's if left out.")
@wait_option
@json_option
@click.pass_obj
def command(
    app: App,
    *,
    selection: Selection,
    yes: bool,
    execute: bool,
    detach: bool,
    break_glass: bool,
    reason: str,
    allowances: Allowances,
    role_arn: str | None,
    wait: bool,
    as_json: bool,
) -> int:
    """Render the environment, show the changes and deploy them.

    \b
    Examples:
      tapgen deploy --env local
      tapgen deploy --env dev --suffix pr-42 --yes
      tapgen deploy --env prod --no-execute-changeset
      tapgen deploy --env dev --allow-replace Data.TransactionsTable
      tapgen deploy --env prod --break-glass --reason "fixes what made the alarm red"
    """
    from tapgen.cli.bootstrap import bootstrap_local
    from tapgen.cli.probes import make_probes, watch_on
    from tapgen.cli.prompts import confirm_changes
    from tapgen.cli.source import read_source
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.journal import Purpose
    from tapgen.deploy.markers import FileMarker
    from tapgen.deploy.pipeline import deploy
    from tapgen.deploy.request import DeployRequest
    from tapgen.naming import Names

    _require_reason(break_glass=break_glass, reason=reason.strip())
    wiring = Wiring(app, selection, as_json=as_json)
    with wiring.operation("deploy") as operation:
        rendered = wiring.rendered
        if rendered.production:
            wiring.require_production_consent("deploy", assume_yes=yes)
        context = wiring.open_context(operation, region=rendered.region, deployment=rendered.deployment)
        probes = make_probes(wiring, context, rendered.shift, root_stack=rendered.root_stack)
        request = DeployRequest(
            rendered=rendered,
            confirm=confirm_changes(assume_yes=yes, as_json=as_json),
            execute=execute,
            detach=detach,
            create_bucket=(lambda: bootstrap_local(wiring, context)) if wiring.is_local else None,
            role_arn=role_arn,
            allowances=allowances,
            bootstrap_stack=Names(wiring.environment).bootstrap_stack,
            break_glass=reason if break_glass else "",
            probes=probes,
            wait=wait,
            marker=FileMarker(app.project / ".tapgen" / "unsettled" / rendered.deployment),
            purpose=lambda: Purpose(source=read_source(app.project), role_arn=role_arn),
        )
        result = watch_on(wiring, context, rendered.shift, deploy(context, request), probes=probes)
        return operation.finish(wiring.with_local_outputs(result))


def _require_reason(*, break_glass: bool, reason: str) -> None:
    if break_glass == bool(reason):
        return
    raise UsageError(
        "--break-glass and --reason go together",
        why="--reason alone breaks nothing" if reason else "who ships past a red alarm says why",
        hint='add the other one: --break-glass --reason "fixes what made the alarm red"',
        code="reason-needed",
    )
