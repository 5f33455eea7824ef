"""``tapgen metrics``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.durations import read_duration
from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.service.model import Model
    from tapgen.telemetry.signals import Signal, Signals
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option(
    "--since", callback=read_duration, default="1h", show_default=True, metavar="DURATION", help="30m, 2h, 7d …"
)
@click.option("--function", metavar="NAME", help="Of this function; the first with routes when left out.")
@click.option("--version", type=click.IntRange(1), metavar="N", help="Show this version of the function alone.")
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    selection: Selection,
    since: timedelta,
    function: str | None,
    version: int | None,
    as_json: bool,
) -> None:
    """Show the golden signals: traffic, errors, latency, saturation, by version.

    For each figure its last value, the median of all periods, the worst
    period, and its course. `tapgen dashboard` shows more.

    \b
    Examples:
      tapgen metrics --env prod
      tapgen metrics --env prod --since 6h --version 12
      tapgen metrics --env prod --function fulfilment
      tapgen metrics --env dev --json
    """
    from tapgen.aws.stacks import describe_stack
    from tapgen.cli.wiring import Wiring
    from tapgen.naming import LIVE_ALIAS
    from tapgen.telemetry.collecting import window
    from tapgen.telemetry.signals import Subject, read_signals
    from tapgen.ui.signals import signal_lines
    from tapgen.ui.terminal import use_color, width_of

    wiring = Wiring(project, selection, as_json=as_json)
    deployment, context = wiring.deployment, wiring.silent_context
    root = describe_stack(context.aws.client("cloudformation"), deployment.root_stack)
    if root is None:
        raise UsageError(
            f"{deployment.name} is not deployed",
            hint=f"`tapgen deploy {deployment.options}` deploys it",
            code="not-deployed",
        )
    name = _choose_function(wiring.environment.service, function)
    subject = Subject(api_id=root.outputs.get("ApiId", ""), function=wiring.names.function(name), alias=LIVE_ALIAS)
    within = window(datetime.now(UTC), since, minute_s=context.minute_s)
    found = read_signals(context.aws, subject, within, minute_s=context.minute_s)
    if version is not None:
        found = replace(found, versions=tuple(each for each in found.versions if each.version == str(version)))
    if as_json:
        print_document(_document(deployment.name, found))
        return
    color = use_color(os.environ, isatty=sys.stdout.isatty())
    title = f"{deployment.name}  {wiring.environment.region}"
    for line in signal_lines(found, title=title, width=width_of(os.environ, sys.stdout), color=color):
        click.echo(line)


def _choose_function(service: Model, wanted: str | None) -> str:
    """The function whose figures are shown.

    Raises:
        UsageError: The service has no such function.
    """
    names = [function.name for function in (*service.requested, *service.functions)]
    if wanted is None and names:
        return names[0]
    if wanted not in names:
        raise UsageError(
            f"there is no function {wanted!r}" if wanted else "the service has no function",
            why=f"the functions are {', '.join(dict.fromkeys(names))}" if names else "",
            hint="choose one of them with --function",
            code="unknown-function",
        )
    return wanted


def _document(name: str, found: Signals) -> dict[str, Any]:
    return {
        "deployment": name,
        "start": found.within.start.isoformat(),
        "end": found.within.end.isoformat(),
        "period_s": found.period_s,
        "requests": found.requests,
        "failures": found.failures,
        "api": [_signal(signal) for signal in found.api],
        "versions": [
            {"version": each.version, "share": each.share, "signals": [_signal(signal) for signal in each.signals]}
            for each in found.versions
        ],
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "unit": signal.unit,
        "last": signal.last,
        "typical": signal.typical,
        "worst": signal.worst,
        "points": [list(point) for point in signal.points],
    }
