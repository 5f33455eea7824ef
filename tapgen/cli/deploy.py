"""``tapgen deploy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options, yes_option

if TYPE_CHECKING:
    from tapgen.cli.app import App
    from tapgen.cli.options import Selection


@click.command()
@selection_options
@yes_option
@click.option(
    "--execute-changeset/--no-execute-changeset",
    "execute",
    default=True,
    help="Stop after the change set has been made and shown.",
)
@click.option("--role-arn", metavar="ARN", help="Service role that CloudFormation assumes.")
@json_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter per option
    app: App, *, selection: Selection, yes: bool, execute: bool, role_arn: str | None, as_json: bool
) -> int:
    """Render the environment, show the changes and deploy them.

    \b
    Examples:
      tapgen deploy --env local
      tapgen deploy --env dev --suffix pr-42 --yes
      tapgen deploy --env prod --no-execute-changeset
    """
    from tapgen.cli.prompts import confirm_changes
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.pipeline import DeployRequest, deploy

    wiring = Wiring(app, selection, as_json=as_json)
    with wiring.operation("deploy") as operation:
        rendered = operation.render()
        request = DeployRequest(
            rendered=rendered,
            confirm=confirm_changes(wiring.terminal, rendered, assume_yes=yes),
            execute=execute,
            create_bucket=operation.create_local_bucket if wiring.is_local else None,
            role_arn=role_arn,
        )
        return operation.finish(deploy(operation.context, request))
