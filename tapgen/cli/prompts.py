"""Questions to the user. None is ever asked where nobody can answer: in CI, in JSON mode, without a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from tapgen.errors import RefusedError
from tapgen.ui.terminal import is_interactive

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.state.stack_tree import RetainedResource
    from tapgen.local.server import LocalAws
    from tapgen.model import ChangeSet


def can_ask() -> bool:
    """True when a person sits in front of both standard input and standard error."""
    return is_interactive(os.environ, isatty=sys.stdin.isatty() and sys.stderr.isatty())


def ask_code(*, as_json: bool) -> Callable[[str], str] | None:
    """Asks for the code of an MFA device, without showing it; None where nobody can answer."""
    if as_json or not can_ask():
        return None
    import getpass

    return getpass.getpass


def require_consent(question: str, *, assume_yes: bool) -> None:
    """Go on only with consent.

    Raises:
        RefusedError: It was declined, or nobody can be asked.
    """
    if assume_yes:
        return
    if not can_ask():
        raise RefusedError(
            "this needs a confirmation, and there is no terminal to ask on",
            hint="add --yes",
            code="confirmation-needed",
        )
    if not click.confirm(question, err=True):
        raise RefusedError("declined", hint="nothing was changed", code="declined")


def offer_start(local_aws: LocalAws) -> None:
    """Start an embedded AWS that has ended, where somebody is there who wants that. Its last save is its state."""
    if can_ask() and click.confirm("the embedded AWS has ended; start it again?", default=True, err=True):
        click.echo(f"it listens on {local_aws.start().endpoint_url} again", err=True)


def confirm_changes(*, assume_yes: bool, as_json: bool) -> Callable[[ChangeSet], bool]:
    """Asks whether the change set that was just shown may be executed."""

    def confirm(change_set: ChangeSet) -> bool:
        if assume_yes:
            return True
        if as_json or not can_ask():
            raise RefusedError(
                "the change set needs a confirmation, and there is no terminal to ask on",
                why=f"it was left in place: {change_set.change_set_id}",
                hint="rerun with --yes to execute, or with --no-execute-changeset to stop here",
                code="confirmation-needed",
            )
        return click.confirm("Execute these changes?", err=True)

    return confirm


def confirm_step(question: str, *, assume_yes: bool, as_json: bool) -> Callable[[], bool]:
    """Asks whether what was just shown may be done."""

    def confirm() -> bool:
        if assume_yes:
            return True
        if as_json or not can_ask():
            raise RefusedError(
                "this needs a confirmation, and there is no terminal to ask on",
                hint="add --yes",
                code="confirmation-needed",
            )
        return click.confirm(question, err=True)

    return confirm


def confirm_destruction(
    deployment: str, *, assume_yes: bool, as_json: bool
) -> Callable[[tuple[RetainedResource, ...]], bool]:
    """Shows what holds data and asks for the deployment's name."""

    def confirm(retained: tuple[RetainedResource, ...]) -> bool:
        if not as_json:
            _show_retained(retained)
        if assume_yes:
            return True
        if as_json or not can_ask():
            raise RefusedError(
                f"deleting {deployment} needs a confirmation, and there is no terminal to ask on",
                hint="add --yes",
                code="confirmation-needed",
            )
        answer: str = click.prompt(f"Type {deployment} to delete it", default="", show_default=False, err=True)
        return answer == deployment

    return confirm


def _show_retained(retained: tuple[RetainedResource, ...]) -> None:
    if retained:
        click.echo("These resources hold data, which the templates retain:", err=True)
    for resource in retained:
        click.echo(f"  {resource.resource_type}  {resource.physical_id}", err=True)
