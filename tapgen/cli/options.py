"""Options that several commands share, each defined once."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.suggestions import suggest_environments
from tapgen.toolkit.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable


_ENV: dict[str, Any] = {
    "metavar": "NAME",
    "help": "Environment of config/environments.yaml.",
    "shell_complete": suggest_environments,
}
env_option = click.option("--env", "environment", required=True, **_ENV)
optional_env_option = click.option("--env", "environment", **_ENV)
suffix_option = click.option(
    "--suffix", metavar="TEXT", help="A second, independent deployment of the environment, e.g. pr-42."
)
region_option = click.option("--region", metavar="REGION", help="AWS region; wins over AWS_REGION and the file.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
wait_option = click.option("--wait", is_flag=True, help="Wait while somebody else holds the deployment's lock.")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")

allow_replace_option = click.option(
    "--allow-replace",
    "allow_replace",
    metavar="LOGICAL_ID",
    multiple=True,
    help="Let this resource lose data, protection or its address, e.g. Data.OrdersTable; it is recorded. Repeatable.",
)

_ADDRESS = (
    suffix_option,
    click.option("--profile", metavar="NAME", help="Profile of the AWS configuration files."),
    region_option,
    click.option("--endpoint-url", metavar="URL", help="Send every AWS call to this endpoint."),
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --env, --suffix, --profile, --region and --endpoint-url; the command gets one ``selection``."""
    return _pack(command, env_option)


def optional_selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a command that can do without an environment; its ``selection`` is None then."""
    return _pack(command, optional_env_option)


def _pack(command: Callable[..., Any], env: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def packed(
        *args: Any,
        environment: str | None,
        suffix: str | None,
        profile: str | None,
        region: str | None,
        endpoint_url: str | None,
        **kwargs: Any,
    ) -> Any:
        selection = Selection(
            environment=environment or "", suffix=suffix, profile=profile, region=region, endpoint_url=endpoint_url
        )
        return command(*args, selection=selection if environment else None, **kwargs)

    for option in reversed((env, *_ADDRESS)):
        packed = option(packed)
    return packed
