"""On what terms a release is shipped: the options that `deploy` and `plan` share."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli.options import allow_replace_option, wait_option
from tapgen.errors import UsageError
from tapgen.gates.allowances import Allowances
from tapgen.toolkit.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable


_OPTIONS = (
    click.option(
        "--break-glass",
        is_flag=True,
        help="Ship past a guard that is in ALARM already, this once; the next deploy puts it back. Needs --reason.",
    ),
    click.option("--reason", metavar="TEXT", default="", help="Why --break-glass is used; it is recorded."),
    click.option(
        "--allow-broadening", is_flag=True, help="Let roles do more than in the live release; it is recorded."
    ),
    allow_replace_option,
    click.option(
        "--allow-public",
        metavar="LOGICAL_ID",
        multiple=True,
        help="Let this resource be open to everybody; it is recorded. Repeatable.",
    ),
    click.option(
        "--role-arn", metavar="ARN", help="Service role that CloudFormation assumes; bootstrap's if left out."
    ),
    wait_option,
)


def terms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --break-glass, --reason, the --allow-… options, --role-arn and --wait; the command gets one ``terms``."""

    @wraps(command)
    def packed(
        *args: Any,
        break_glass: bool,
        reason: str,
        allow_broadening: bool,
        allow_replace: tuple[str, ...],
        allow_public: tuple[str, ...],
        role_arn: str | None,
        wait: bool,
        **kwargs: Any,
    ) -> Any:
        _require_reason(break_glass=break_glass, reason=reason.strip())
        allowances = Allowances(broadening=allow_broadening, replace=allow_replace, public=allow_public)
        terms = Terms(allowances=allowances, break_glass=reason, role_arn=role_arn, wait=wait)
        return command(*args, terms=terms, **kwargs)

    for option in reversed(_OPTIONS):
        packed = option(packed)
    return packed


def _require_reason(*, break_glass: bool, reason: str) -> None:
    """Whoever breaks the glass says why, and whoever says why breaks it.

    Raises:
        UsageError: One of the two is missing.
    """
    if break_glass == bool(reason):
        return
    raise UsageError(
        "--break-glass and --reason go together",
        why="--reason has no effect alone" if reason else "going past an alarm needs a recorded reason",
        hint='add the other one: --break-glass --reason "fixes the cause of the alarm"',
        code="reason-needed",
    )
