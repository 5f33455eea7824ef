"""``tapgen local``: start, stop, look at and wipe the embedded AWS, and tokens for its APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import json_option, yes_option
from tapgen.cli.printing import print_document

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tapgen.toolkit.project import Project


@click.group()
def command() -> None:
    """Run the embedded AWS that serves the environment `local`.

    \b
    It listens on 127.0.0.1, keeps its state under .tapgen/local and needs
    neither an account nor a network. `tapgen deploy --env local` starts it
    by itself.
    """


@command.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1; the last one, or a free one, if left out."
)
@json_option
@click.pass_obj
def start(project: Project, *, port: int | None, as_json: bool) -> None:
    """Start the embedded AWS; nothing happens when it runs.

    \b
    Examples:
      tapgen local start
      tapgen local start --port 4566
    """
    _print(project.local_aws.start(port=port or 0), as_json=as_json)


@command.command()
@json_option
@click.pass_obj
def stop(project: Project, *, as_json: bool) -> None:
    """Stop it; its state is kept.

    \b
    Examples:
      tapgen local stop
    """
    _print(project.local_aws.stop(), as_json=as_json)


@command.command()
@json_option
@click.pass_obj
def status(project: Project, *, as_json: bool) -> None:
    """Show whether it runs, where, and where its state and log are.

    \b
    Examples:
      tapgen local status --json
    """
    _print(project.local_aws.status(), as_json=as_json)


@command.command()
@yes_option
@json_option
@click.pass_obj
def reset(project: Project, *, yes: bool, as_json: bool) -> None:
    """Forget every stack, table and object it holds.

    \b
    Examples:
      tapgen local reset --yes
    """
    from tapgen.cli.prompts import require_consent

    require_consent("Delete all state of the embedded AWS?", assume_yes=yes)
    _print(project.local_aws.reset(), as_json=as_json)


@command.command()
@click.option("-n", "--lines", type=click.IntRange(0), default=50, show_default=True, help="How many lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on until it stops, or Ctrl-C.")
@click.pass_obj
def logs(project: Project, *, lines: int, follow: bool) -> None:
    """Print its log.

    \b
    Examples:
      tapgen local logs --follow
    """
    for line in project.local_aws.logs(lines=lines):
        click.echo(line)
    if follow:
        for line in project.local_aws.follow_logs():
            click.echo(line)


@command.command()
@click.option("--issuer", required=True, metavar="URL", help="The authorizer's issuer, to the last slash.")
@click.option("--audience", required=True, metavar="AUD", help="One of the authorizer's audiences.")
@click.option("--subject", required=True, metavar="SUB", help="The user.")
@click.option("--scope", default="", metavar="S", help="Scopes, separated by blanks.")
@click.option(
    "--expires-in", "expires_in_s", type=int, default=3600, show_default=True, metavar="S", help="Seconds it is valid."
)
@click.pass_obj
def token(project: Project, /, **claims: Any) -> None:
    """Print a token of an issuer that it stands in for.

    The JWT authorizers of the embedded AWS take every issuer's tokens, when
    they are signed by this command.

    \b
    Examples:
      curl -H "Authorization: Bearer $(tapgen local token --issuer URL \\
        --audience AUD --subject ada)" http://127.0.0.1:PORT/apis/API_ID/...
    """
    from tapgen.local.tokens import Claims, mint

    click.echo(mint(project.local_aws.status().state_dir, Claims(**claims)))


def _print(status: LocalStatus, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_document({key: _plain(value) for key, value in asdict(status).items()})
        return
    click.echo(f"state     {'running' if status.running else 'stopped'}")
    if status.running:
        click.echo(f"endpoint  {status.endpoint_url}")
        click.echo(f"minute    {status.minute_s:g} s: what AWS does in a minute, in shifts and alarms")
        click.echo(f"process   {status.pid}, since {status.started_at}, MiniStack {status.ministack_version}")
    click.echo(f"data      {status.state_dir}")
    click.echo(f"log       {status.log_path}")


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
