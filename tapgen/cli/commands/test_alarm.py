"""``tapgen test-alarm``."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import json_option, selection_options, yes_option
from tapgen.cli.printing import print_document
from tapgen.errors import ExitCode, RefusedError
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.telemetry.alarm_trial import Trial
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection

_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
# Histories follow within seconds; a composite alarm may wait half a minute for its suppressor.
_TIMEOUT_S = 90.0
_POLL_AWS_S = 2.0
_MINUTE_S = 60.0


@click.command()
@selection_options
@click.argument("name", metavar="NAME")
@click.option("--state", type=click.Choice(_STATES), default="ALARM", show_default=True, help="State to set.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0),
    default=_TIMEOUT_S,
    show_default=True,
    help="Seconds to wait for the actions.",
)
@yes_option
@json_option
@click.pass_obj
def command(
    project: Project, *, selection: Selection, name: str, state: str, timeout_s: float, yes: bool, as_json: bool
) -> int:
    """Set an alarm's state and follow the notification to whoever hears of it.

    NAME is an alarm with or without the deployment's prefix: api-5xx. People
    who are subscribed are told, of the trial and of its end; the state is put
    back. Exit 5 when nobody would have been called.

    \b
    Examples:
      tapgen test-alarm --env local escalation
      tapgen test-alarm --env prod dead-letters --yes --json
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.telemetry.alarm_trial import TrialRequest, run_trial
    from tapgen.ui.alarm_trial import trial_lines

    wiring = Wiring(project, selection, as_json=as_json)
    environment = wiring.environment
    if environment.production and not yes:
        raise RefusedError(
            f"{environment.label} is production: a trial calls whoever is on duty",
            hint="add --yes when they know",
            code="confirmation-needed",
        )
    context = wiring.silent_context
    scale = context.minute_s / _MINUTE_S
    request = TrialRequest(
        prefix=f"{Names(environment).prefix}-",
        name=name,
        state=state,
        timeout_s=timeout_s,
        poll_s=max(0.05, _POLL_AWS_S * scale),
    )
    trial = run_trial(context.aws, request, sleep=time.sleep)
    if as_json:
        print_document(_document(trial, Names(environment).deployment))
    else:
        for line in trial_lines(trial):
            click.echo(line)
    return ExitCode.NEEDS_HUMAN if trial.warnings else ExitCode.DONE


def _document(trial: Trial, deployment: str) -> dict[str, Any]:
    return {"deployment": deployment, **asdict(trial), "warnings": list(trial.warnings)}
