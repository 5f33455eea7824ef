"""``tapgen deploy``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, yes_option
from tapgen.cli.release_options import terms_options
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.cli.options import Selection
    from tapgen.cli.project import App
    from tapgen.cli.release_options import Terms
    from tapgen.cli.wiring import Wiring
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
@terms_options
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Execute this sealed plan and nothing else; `tapgen plan` makes one.",
)
@json_option
@click.pass_obj
def command(
    app: App,
    *,
    selection: Selection,
    yes: bool,
    execute: bool,
    detach: bool,
    terms: Terms,
    plan_file: Path | None,
    as_json: bool,
) -> int:
    """Render the environment, show the changes and deploy them.

    \b
    Examples:
      tapgen deploy --env local
      tapgen deploy --env dev --suffix pr-42 --yes
      tapgen deploy --env prod --no-execute-changeset
      tapgen deploy --env dev --allow-replace Data.TransactionsTable
      tapgen deploy --env prod --break-glass --reason "fixes the cause of the alarm"
      tapgen deploy --env prod --plan plan.json
    """
    from tapgen.cli.probes import watch_on
    from tapgen.cli.prompts import confirm_changes
    from tapgen.cli.release_request import make_request
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.release.deploy import deploy
    from tapgen.engine.deployment import deployment_of
    from tapgen.report.reporter import ReleaseReporter

    wiring = Wiring(app, selection, as_json=as_json)
    confirm = confirm_changes(assume_yes=yes, as_json=as_json)
    if plan_file:
        _require_alone(terms, execute=execute)
        return _deploy_plan(wiring, plan_file, confirm=confirm, detach=detach, wait=terms.wait)
    with wiring.operation("deploy") as operation:
        rendered = wiring.rendered
        if rendered.production:
            wiring.require_production_consent("deploy", assume_yes=yes)
        context = wiring.open_context(operation, region=rendered.region, deployment=rendered.deployment)
        reporter = ReleaseReporter(context, deployment_of(rendered), rendered)
        context = reporter.context
        request = replace(
            make_request(wiring, context, terms),
            confirm=confirm,
            execute=execute,
            detach=detach,
            reporter=reporter,
        )
        result = watch_on(wiring, context, rendered.shift, deploy(context, request), probes=request.probes)
        return operation.finish(wiring.with_local_outputs(result))


def _deploy_plan(wiring: Wiring, file: Path, *, confirm: Callable[[ChangeSet], bool], detach: bool, wait: bool) -> int:
    """Execute a sealed plan; the project is not rendered."""
    from tapgen.cli.plan_file import read_plan
    from tapgen.cli.probes import make_probes, watch_on
    from tapgen.cli.release_request import make_marker
    from tapgen.deploy.plans.execute import PlanRequest, deploy_plan
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
            marker=make_marker(wiring, deployment.name),
            detach=detach,
            wait=wait,
            probes=probes,
            reporter=reporter,
        )
        result = watch_on(wiring, context, policy, deploy_plan(context, request), probes=probes)
        return operation.finish(wiring.with_local_outputs(result))


def _require_alone(terms: Terms, *, execute: bool) -> None:
    """What a plan has settled already cannot be said again."""
    settled = {
        "--break-glass": terms.break_glass,
        "--allow-broadening": terms.allowances.broadening,
        "--allow-replace": terms.allowances.replace,
        "--allow-public": terms.allowances.public,
        "--role-arn": terms.role_arn,
        "--no-execute-changeset": not execute,
    }
    said = [name for name, value in settled.items() if value]
    if said:
        raise UsageError(
            f"--plan and {said[0]} do not go together",
            why="the plan says what is executed, and how",
            hint=f"say {said[0]} when the plan is made, or leave --plan out",
            code="plan-settled",
        )
