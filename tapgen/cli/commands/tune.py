"""``tapgen tune``."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tapgen.build import CONFIG_FILE
from tapgen.cli.durations import read_duration
from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document

if TYPE_CHECKING:
    from datetime import timedelta

    from tapgen.telemetry.reports import SizeSeen
    from tapgen.telemetry.tuning import Advice
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection
    from tapgen.ui.tuning import TuningLine


@click.command()
@selection_options
@click.option("--since", callback=read_duration, default="7d", show_default=True, metavar="DURATION", help="2h, 7d …")
@click.option("--function", "functions", multiple=True, metavar="NAME", help="Of these alone; may be repeated.")
@json_option
@click.pass_obj
def command(
    project: Project, *, selection: Selection, since: timedelta, functions: tuple[str, ...], as_json: bool
) -> None:
    """Recommend memory from what the functions used, with cost and latency.

    Reads Lambda's own reports through Logs Insights: for each memory size
    that was seen, percentiles of the duration, the most memory that was used,
    and what a million invocations cost. A recommendation leaves 30 % above
    what was used, and says when there is too little to conclude from.

    Logs Insights is billed by the data that it reads.

    \b
    Examples:
      tapgen tune --env prod
      tapgen tune --env prod --since 14d --json
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.cost.prices import load_prices
    from tapgen.telemetry.log_sources import list_sources
    from tapgen.telemetry.reports import read_sizes
    from tapgen.telemetry.tuning import advise
    from tapgen.ui.tuning import tuning_page

    wiring = Wiring(project, selection, as_json=as_json)
    environment, names = wiring.environment, wiring.names
    client, now = wiring.silent_context.aws.client("logs"), datetime.now(UTC)
    prices = load_prices(environment.region).by_name
    documents = []
    for role in functions or environment.functions:
        groups = tuple(source.group for source in list_sources(names, environment.service, (role,)))
        settings = environment.functions[role]
        usd_per_gb_s = prices[f"lambda-{settings.architecture}"].first_usd
        sizes = read_sizes(client, groups, start=now - since, end=now, sleep=time.sleep)
        advice = advise(sizes, configured_mb=settings.memory_mb, usd_per_gb_s=usd_per_gb_s)
        line = _find_line(project, environment.name, role, memory_mb=settings.memory_mb)
        if as_json:
            documents.append(_document(role, sizes, advice, line) | {"usd_per_gb_s": usd_per_gb_s})
            continue
        for text in tuning_page(role, sizes, advice, line, usd_per_gb_s=usd_per_gb_s):
            click.echo(text)
    if as_json:
        print_document({"deployment": names.deployment, "functions": documents})


def _find_line(project: Project, environment: str, role: str, *, memory_mb: int) -> TuningLine:
    from tapgen.ui.tuning import TuningLine

    path, line = project.builder.environments.place_of(environment, ("functions", role, "memory_mb"))
    return TuningLine(setting=f"{path}: {memory_mb}", place=f"{CONFIG_FILE}:{line}")


def _document(role: str, sizes: tuple[SizeSeen, ...], advice: Advice, line: TuningLine) -> dict[str, Any]:
    return {
        "function": role,
        "sizes": [asdict(size) for size in sizes],
        "advice": asdict(advice),
        "setting": {"key": f"functions.{role}.memory_mb", "now": line.setting, "place": line.place},
    }
