"""``tapgen dashboard``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.durations import read_duration
from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import print_document
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.state.observed_state import History
    from tapgen.telemetry.drawing import Page
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection

_LONGEST = timedelta(days=1)


@click.command()
@selection_options
@click.option("--open", "opens", is_flag=True, help="Open it in a browser: the page, or the dashboard in the console.")
@click.option("--render", "renders", is_flag=True, help="Draw the dashboard as a page of its own from live metrics.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="The page's file; - is standard output.  [default: build/dashboard-NAME.html]",
)
@click.option(
    "--since", callback=read_duration, default="3h", show_default=True, metavar="DURATION", help="30m, 2h … up to 1d."
)
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    selection: Selection,
    opens: bool,
    renders: bool,
    output: Path | None,
    since: timedelta,
    as_json: bool,
) -> None:
    """Show where the dashboard is, open it, or draw it as a page.

    The page has the widgets of the deployed dashboard with live values, and
    the releases as marks. It needs no console: it is the way to see the
    dashboard of the embedded AWS.

    \b
    Examples:
      tapgen dashboard --env prod --open
      tapgen dashboard --env prod --render --since 6h --open
      tapgen dashboard --env local --render -o dashboard.html
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.state.observed_state import read_history

    if since > _LONGEST:
        raise UsageError("--since takes up to 1d", why="the graphs have a point a minute", code="since-too-long")
    wiring = Wiring(project, selection, as_json=as_json)
    history = read_history(wiring.silent_context, wiring.deployment)
    url = history.root.outputs.get("DashboardUrl", "") if history.root else ""
    if not url:
        raise UsageError(
            f"{wiring.deployment.name} is not deployed",
            hint=f"`tapgen deploy {wiring.deployment.options}` deploys it",
            code="not-deployed",
        )
    document: dict[str, Any] = {"deployment": wiring.deployment.name, "url": url}
    if renders or output:
        page, file = _render(wiring, history, since=since, output=output)
        document |= {"file": file, "live_release": history.live_release, "widgets": _widgets(page)}
    elif wiring.is_local:
        click.echo("the embedded AWS has no console: add --render to see the dashboard as a page", err=True)
    shown = document.get("file") or url
    if as_json:
        print_document(document)
    elif shown != "-":
        click.echo(shown)
    if opens and shown != "-":
        click.launch(shown)


def _render(wiring: Wiring, history: History, *, since: timedelta, output: Path | None) -> tuple[Page, str]:
    """Draw the page; where it went."""
    from tapgen.files import replace_file
    from tapgen.telemetry.collecting import Wanted, collect, window
    from tapgen.telemetry.drawing import draw

    context, deployment = wiring.silent_context, wiring.deployment
    wanted = Wanted(
        name=wiring.names.name("dashboard", "service"),
        title=deployment.name,
        facts=tuple(_facts(wiring, history)),
        within=window(datetime.now(UTC), since, minute_s=context.minute_s),
        minute_s=context.minute_s,
        records=history.records,
        options=deployment.options,
    )
    page = collect(context.aws, wanted)
    html = draw(page)
    if output == Path("-"):
        click.echo(html, nl=False)
        return page, "-"
    file = output or wiring.project.folder / "build" / f"dashboard-{deployment.name}.html"
    replace_file(file, html.encode())
    return page, str(file)


def _facts(wiring: Wiring, history: History) -> list[tuple[str, str]]:
    live = history.live
    release = f"{history.live_release or 'unknown'}" + (f"  #{live.sequence} by {live.intent.who}" if live else "")
    environment = wiring.environment
    return [
        ("environment", environment.label + (" (production)" if environment.production else "")),
        ("region", environment.region),
        ("live release", release),
        ("stack", history.root.status if history.root else "none"),
    ]


def _widgets(page: Page) -> list[dict[str, Any]]:
    from tapgen.telemetry.boards import Graph

    return [
        {
            "title": widget.title,
            "series": [{"label": each.label, "last": each.last, "points": len(each.points)} for each in series],
        }
        for widget, series in zip(page.widgets, page.series, strict=True)
        if isinstance(widget, Graph)
    ]
