"""``tapgen deploy``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import allowance_options, json_option, selection_options, wait_option, yes_option
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.cli.app import App
    from tapgen.cli.options import Selection
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.context import Context
    from tapgen.deploy.markers import FileMarker
    from tapgen.deploy.request import DeployRequest
    from tapgen.gates.allowances import Allowances
    from tapgen.model import ChangeSet


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
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Execute this sealed plan and nothing else; `tapgen plan` makes one.",
)
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
    plan_file: Path | None,
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
      tapgen deploy --env prod --plan plan.json
    """
    from tapgen.cli.probes import watch_on
    from tapgen.cli.prompts import confirm_changes
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.deployment import deployment_of
    from tapgen.deploy.pipeline import deploy
    from tapgen.report.reporter import ReleaseReporter

    require_reason(break_glass=break_glass, reason=reason.strip())
    wiring = Wiring(app, selection, as_json=as_json)
    confirm = confirm_changes(assume_yes=yes, as_json=as_json)
    if plan_file:
        _require_alone(
            {
                "--break-glass": break_glass,
                "--allow-broadening": allowances.broadening,
                "--allow-replace": allowances.replace,
                "--allow-public": allowances.public,
                "--role-arn": role_arn,
                "--no-execute-changeset": not execute,
            }
        )
        return _deploy_plan(wiring, plan_file, confirm=confirm, detach=detach, wait=wait)
    with wiring.operation("deploy") as operation:
        rendered = wiring.rendered
        if rendered.production:
            wiring.require_production_consent("deploy", assume_yes=yes)
        context = wiring.open_context(operation, region=rendered.region, deployment=rendered.deployment)
        reporter = ReleaseReporter(context, deployment_of(rendered), rendered)
        context = reporter.context
        request = replace(
            make_request(wiring, context),
            confirm=confirm,
            execute=execute,
            detach=detach,
            allowances=allowances,
            break_glass=reason if break_glass else "",
            role_arn=role_arn,
            reporter=reporter,
            wait=wait,
        )
        result = watch_on(wiring, context, rendered.shift, deploy(context, request), probes=request.probes)
        return operation.finish(wiring.with_local_outputs(result))


def make_request(wiring: Wiring, context: Context) -> DeployRequest:
    """What a deploy of the project is asked for; nobody has confirmed it."""
    from tapgen.cli.bootstrap import bootstrap_local
    from tapgen.cli.probes import make_probes
    from tapgen.cli.source import read_source
    from tapgen.deploy.journal import Purpose
    from tapgen.deploy.request import DeployRequest
    from tapgen.naming import Names

    rendered = wiring.rendered
    return DeployRequest(
        rendered=rendered,
        confirm=lambda _: False,
        create_bucket=(lambda: bootstrap_local(wiring, context)) if wiring.is_local else None,
        bootstrap_stack=Names(wiring.environment).bootstrap_stack,
        probes=make_probes(wiring, context, rendered.shift, root_stack=rendered.root_stack),
        marker=_marker(wiring, rendered.deployment),
        purpose=lambda: Purpose(source=read_source(wiring.app.project)),
    )


def _deploy_plan(wiring: Wiring, file: Path, *, confirm: Callable[[ChangeSet], bool], detach: bool, wait: bool) -> int:
    """Execute a sealed plan; the project is not rendered."""
    from tapgen.cli.plan import read_plan
    from tapgen.cli.probes import make_probes, watch_on
    from tapgen.deploy.sealing.execute import PlanRequest, deploy_plan
    from tapgen.report.reporter import ReleaseReporter

    with wiring.operation("deploy") as operation:
        plan, deployment = read_plan(file), wiring.deployment
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=deployment.name)
        reporter = ReleaseReporter(context, deployment)
        context = reporter.context
        policy = plan.shift
        probes = make_probes(wiring, context, policy, root_stack=deployment.root_stack)
        request = PlanRequest(
            plan=plan,
            deployment=deployment,
            confirm=confirm,
            marker=_marker(wiring, deployment.name),
            detach=detach,
            wait=wait,
            probes=probes,
            reporter=reporter,
        )
        result = watch_on(wiring, context, policy, deploy_plan(context, request), probes=probes)
        return operation.finish(wiring.with_local_outputs(result))


def _marker(wiring: Wiring, deployment: str) -> FileMarker:
    from tapgen.deploy.markers import FileMarker

    return FileMarker(wiring.app.project / ".tapgen" / "unsettled" / deployment)


def _require_alone(options: Mapping[str, object]) -> None:
    """What a plan has settled already cannot be said again."""
    said = [name for name, value in options.items() if value]
    if said:
        raise UsageError(
            f"--plan and {said[0]} do not go together",
            why="the plan says what is executed, and how",
            hint=f"say {said[0]} when the plan is made, or leave --plan out",
            code="plan-settled",
        )


def require_reason(*, break_glass: bool, reason: str) -> None:
    """Whoever breaks the glass says why, and whoever says why breaks it.

    Raises:
        UsageError: One of the two is missing.
    """
    if break_glass == bool(reason):
        return
    raise UsageError(
        "--break-glass and --reason go together",
        why="--reason alone breaks nothing" if reason else "who ships past a red alarm says why",
        hint='add the other one: --break-glass --reason "fixes what made the alarm red"',
        code="reason-needed",
    )
