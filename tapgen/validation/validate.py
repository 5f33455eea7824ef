"""All checks of an account, side by side, as far as its credentials reach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.session import check_account
from tapgen.errors import AwsError, CredentialsError
from tapgen.findings import Finding
from tapgen.naming import EXECUTION_ROLE_OUTPUT
from tapgen.validation.bootstrap import check_bootstrap
from tapgen.validation.early import check_change_set
from tapgen.validation.names import check_names
from tapgen.validation.quotas import check_quotas
from tapgen.validation.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.engine.context import Context
    from tapgen.iam.needs import Needs
    from tapgen.model import Rendered

    Check = Callable[[Subject], Iterator[Finding]]

ONLINE: Mapping[str, Check] = {
    "bootstrap": check_bootstrap,
    "name-conflicts": check_names,
    "quotas": check_quotas,
    "cloudformation": check_change_set,
}
"""Checks that need credentials."""


def validate_account(
    context: Context, rendered: Rendered, *, bootstrap_stack: str, needs: Callable[[], Needs] | None
) -> Iterator[Finding]:
    """What the account says of a release; nothing but why, where it cannot be asked.

    Args:
        context: Clients.
        rendered: The release.
        bootstrap_stack: Where bootstrap's roles are.
        needs: Answers what the release needs of them; None where it bootstraps itself.
    """
    try:
        check_account(context.aws, environment=rendered.environment, account_id=rendered.account_id)
        subject = _look(context, rendered, bootstrap_stack=bootstrap_stack, needs=needs)
    except (CredentialsError, AwsError) as error:
        yield Finding(check="credentials", status="failed", what=error.what, why=error.why, fix=error.hint)
        yield from skip_account("the account cannot be asked")
        return
    yield Finding(check="credentials", status="passed", what=context.aws.identity().arn)
    with ThreadPoolExecutor(len(ONLINE), thread_name_prefix="validate") as pool:
        for findings in pool.map(lambda name: _run(name, subject), ONLINE):
            yield from findings


def skip_account(why: str) -> Iterator[Finding]:
    """Every check of the account as one that was not made."""
    for name in ONLINE:
        yield Finding(check=name, status="skipped", what="not looked at", why=why)


def _look(context: Context, rendered: Rendered, *, bootstrap_stack: str, needs: Callable[[], Needs] | None) -> Subject:
    client = context.aws.client("cloudformation")
    state = stacks.describe_stack(client, rendered.root_stack)
    bootstrap = stacks.describe_stack(client, bootstrap_stack)
    role_arn = bootstrap.outputs.get(EXECUTION_ROLE_OUTPUT) if bootstrap else None
    subject = Subject(
        context=context, rendered=rendered, state=state, role_arn=role_arn, bootstrap_stack=bootstrap_stack, needs=needs
    )
    # Read once, before several checks want it.
    _ = subject.live
    return subject


def _run(name: str, subject: Subject) -> tuple[Finding, ...]:
    try:
        return tuple(ONLINE[name](subject))
    except AwsError as error:
        return (Finding(check=name, status="skipped", what="not looked at", why=str(error), fix=error.hint),)
