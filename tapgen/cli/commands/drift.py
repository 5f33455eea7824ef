"""``tapgen drift``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, wait_option, yes_option
from tapgen.cli.printing import print_document, print_lines
from tapgen.errors import ExitCode

if TYPE_CHECKING:
    from tapgen.deploy.drift.model import DriftReport
    from tapgen.deploy.drift.reversal import Reversal
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option("--revert", is_flag=True, help="Bring drifted resources back to their templates, by change sets.")
@click.option("--exit-code", is_flag=True, help="Exit with 10 when something has drifted.")
@yes_option
@wait_option
@json_option
@click.pass_obj
def command(
    project: Project, *, selection: Selection, revert: bool, exit_code: bool, yes: bool, wait: bool, as_json: bool
) -> int:
    """Show what somebody changed behind CloudFormation's back.

    Runs CloudFormation's drift detection on every stack at once, and looks at
    what it does not see: where aliases send traffic, the alarms and rollbacks
    of deployment groups, log retention, unconfirmed subscriptions, bucket
    policies. The next deploy warns before it overwrites what was found.

    \b
    Examples:
      tapgen drift --env prod
      tapgen drift --env prod --exit-code --json
      tapgen drift --env prod --revert
    """
    from tapgen.cli.prompts import confirm_step
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.drift.detect import detect_drift
    from tapgen.deploy.drift.reversal import RevertRequest, revert_drift

    # One document is the answer, also of a reversal: its progress is for people.
    wiring = Wiring(project, selection, as_json=False)
    with wiring.operation("drift") as operation:
        deployment = wiring.deployment
        context = wiring.open_context(operation, region=wiring.environment.region, deployment=deployment.name)
        if not revert:
            report = detect_drift(context, deployment)
            _print(report.as_dict(), report, as_json=as_json)
            return ExitCode.CHANGED if exit_code and report.drifted else ExitCode.DONE
        if wiring.environment.production:
            wiring.require_production_consent("drift --revert", assume_yes=yes)
        question = "Bring these resources back to their templates?"
        confirm = confirm_step(question, assume_yes=yes, as_json=as_json)
        reversal = revert_drift(context, RevertRequest(deployment=deployment, confirm=confirm, wait=wait))
    return _conclude(reversal, exit_code=exit_code, as_json=as_json)


def _conclude(reversal: Reversal, *, exit_code: bool, as_json: bool) -> int:
    report = reversal.report
    document = {**report.as_dict(), "reverted": list(reversal.reverted), "declined": reversal.declined}
    if reversal.declined:
        click.echo("declined: nothing was changed", err=True)
    for path in reversal.reverted:
        click.echo(f"reverted: {path}", err=True)
    _print(document, report, as_json=as_json)
    if reversal.declined:
        return ExitCode.REFUSED
    return ExitCode.CHANGED if exit_code and report.drifted else ExitCode.DONE


def _print(document: dict[str, object], report: DriftReport, *, as_json: bool) -> None:
    from tapgen.ui.drift import drift_lines
    from tapgen.ui.terminal import width_of

    if as_json:
        print_document(document)
    else:
        print_lines(drift_lines(report, width=width_of(os.environ, sys.stdout)))
