"""``tapgen logs``."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tapgen.cli.durations import read_duration, tell_duration
from tapgen.cli.options import json_option, selection_options
from tapgen.errors import ExitCode, UsageError
from tapgen.telemetry.log_sources import LIVE, NEW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

    from tapgen.aws.session import Aws
    from tapgen.config.environment import Environment
    from tapgen.telemetry.log_lines import LogLine
    from tapgen.telemetry.log_sources import Source
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection

_SINCE = timedelta(minutes=10)
# Whoever has a request's id got it from an answer, not from a screen of lines just now.
_REQUEST_SINCE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines are asked for."""

    since: timedelta | None
    functions: tuple[str, ...]
    version: str | None
    text: str
    request_id: str

    @property
    def window(self) -> timedelta:
        """How far back, by default where nothing was said."""
        return self.since or (_REQUEST_SINCE if self.request_id else _SINCE)

    @property
    def start_ms(self) -> int:
        """The window's start, from now."""
        return int((time.time() - self.window.total_seconds()) * 1000)


def _read_version(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """``live``, ``new`` or the number of a version."""
    if value is None or value in (LIVE, NEW) or (value.isascii() and value.isdigit()):
        return value
    raise click.BadParameter(
        f"{value!r} is neither {LIVE!r}, {NEW!r} nor the number of a version", ctx=ctx, param=param
    )


@click.command()
@selection_options
@click.option("-f", "--follow", "--tail", is_flag=True, help="Go on with new lines until Ctrl-C.")
@click.option(
    "--since",
    callback=read_duration,
    metavar="DURATION",
    help="How far back: 90s, 10m, 2h, 7d.  [default: 10m; with --request 1d]",
)
@click.option(
    "--function", "functions", multiple=True, metavar="NAME", help="Of these alone, or hooks, access; may be repeated."
)
@click.option(
    "--version",
    callback=_read_version,
    metavar="live|new|N",
    help="Of the live version, of the new one while a shift runs, or of version N.",
)
@click.option("--filter", "text", default="", metavar="TEXT", help="Lines that hold this text, letter for letter.")
@click.option("--request", "request_id", default="", metavar="ID", help="All lines of one request, by any of its ids.")
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    selection: Selection,
    follow: bool,
    since: timedelta | None,
    functions: tuple[str, ...],
    version: str | None,
    text: str,
    request_id: str,
    as_json: bool,
) -> int:
    """Show what the functions and the API's access log say, in the order of time.

    Handlers' lines, Lambda's own records, errors with their stack, and every
    request that the API answered. --json prints one object a line with every
    value. Times are UTC.

    \b
    Examples:
      tapgen logs --env prod -f --version new      # the new version, while its share grows
      tapgen logs --env prod --request Ab1Cd=      # one request through all logs
      tapgen logs --env dev --since 2h --filter '"status":5'
    """
    from tapgen.cli.wiring import Wiring

    if follow and request_id:
        raise UsageError(
            "--follow and --request do not go together", code="options-conflict", hint="a request is found, not awaited"
        )
    if text and request_id:
        raise UsageError(
            "--filter and --request do not go together", code="options-conflict", hint="--request shows all lines of it"
        )
    wanted = Wanted(since=since, functions=functions, version=version, text=text, request_id=request_id)
    wiring = Wiring(project, selection, as_json=as_json)
    aws = wiring.silent_context.aws
    sources = _find_sources(aws, wiring.environment, wanted)
    try:
        shown = _show(_read(aws.client("logs"), sources, wanted, follow=follow), as_json=as_json)
    except KeyboardInterrupt:
        # Ctrl-C is how following ends.
        return ExitCode.INTERRUPTED
    if not shown:
        _explain_nothing(sources, wanted)
    return ExitCode.DONE


def _find_sources(aws: Aws, environment: Environment, wanted: Wanted) -> tuple[Source, ...]:
    """The log groups to read, of which one at least is there."""
    from tapgen.aws.log_events import find_groups
    from tapgen.naming import Names
    from tapgen.telemetry.log_sources import list_sources, narrow_to_version

    names = Names(environment)
    listed = list_sources(names, environment.service, wanted.functions)
    groups = find_groups(aws.client("logs"), tuple(source.group for source in listed))
    sources = tuple(source for source in listed if source.group in groups)
    if not sources:
        raise UsageError(
            f"{names.deployment} has no log group {' or '.join(source.group for source in listed)}",
            hint="is it deployed? see `tapgen status`",
            code="not-deployed",
        )
    return narrow_to_version(aws, names, sources, wanted.version) if wanted.version else sources


def _read(
    client: CloudWatchLogsClient, sources: tuple[Source, ...], wanted: Wanted, *, follow: bool
) -> Iterator[LogLine]:
    from tapgen.telemetry.request_trail import find_request
    from tapgen.telemetry.tail import Tail

    if wanted.request_id:
        return iter(find_request(client, sources, wanted.request_id, start_ms=wanted.start_ms))
    tail = Tail(client=client, sources=sources, text=wanted.text)
    if not follow:
        return tail.read(start_ms=wanted.start_ms)
    return tail.follow(
        start_ms=wanted.start_ms,
        now_ms=lambda: int(time.time() * 1000),
        sleep=time.sleep,
        warn=lambda text: click.echo(f"warning: {text}", err=True),
    )


def _show(lines: Iterator[LogLine], *, as_json: bool) -> int:
    """Print each line as soon as it is there; answers how many there were."""
    from tapgen.ui.logs import LogPrinter
    from tapgen.ui.terminal import use_color

    printer = LogPrinter(color=use_color(os.environ, isatty=sys.stdout.isatty()))
    shown = 0
    for shown, line in enumerate(lines, start=1):  # noqa: B007 - the count is the answer
        for text in [json.dumps(line.as_dict())] if as_json else printer.format(line):
            # click takes colours away again where there is no terminal; that was decided already.
            click.echo(text, color=True)
    return shown


def _explain_nothing(sources: tuple[Source, ...], wanted: Wanted) -> None:
    asked = f" with {wanted.text!r}" if wanted.text else f" of request {wanted.request_id}" if wanted.request_id else ""
    click.echo(f"no line{asked} in the last {tell_duration(wanted.window)} in:", err=True)
    for source in sources:
        version = f"  version {source.version}" if source.version else ""
        click.echo(f"  {source.name:<12} {source.group}{version}", err=True)
    click.echo("look further back with --since 1d", err=True)
