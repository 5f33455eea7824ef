"""Breaks the lock of an operation that cannot exist any more, and records who did it."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.aws import objects
from tapgen.aws.session import check_account
from tapgen.engine.lock import break_lock, read_lock
from tapgen.errors import ExitCode, RefusedError
from tapgen.events import Noted, Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.engine.lock import Seen


def unlock(context: Context, deployment: Deployment, *, confirm: Callable[[], bool]) -> Result:
    """Show the lock, ask, record and break it.

    Returns:
        ``done``, ``unchanged`` when there is no lock, or ``declined``.

    Raises:
        CredentialsError: The credentials are of another account.
        RefusedError: The lock changed hands, or its lease was renewed, while the question was open.
    """
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    seen = read_lock(context, deployment.bucket, deployment.name)
    if seen is None:
        context.emit(Noted(level="info", text=f"{deployment.name} is not locked", code="not-locked"))
        return _result(deployment, "unchanged")
    life = f"dead: {seen.ended}" if seen.ended else f"alive {seen.age_s:.0f} s ago, as far as its lease tells"
    context.warn(f"{deployment.name} is locked by a {seen.holder.title}", hint=life, code="locked")
    if not confirm():
        return _result(deployment, "declined", ExitCode.REFUSED)
    _record(context, deployment, seen)
    if not break_lock(context, deployment.bucket, deployment.name, seen=seen):
        raise RefusedError(
            "the lock has changed since it was shown: its holder lives, or another has it",
            hint=f"`tapgen status {deployment.options}` shows who holds it",
            code="lock-changed",
        )
    return _result(deployment, "done")


def _record(context: Context, deployment: Deployment, seen: Seen) -> None:
    now = datetime.now(UTC)
    document = {
        "schema_version": "1.0",
        "who": context.aws.identity().arn,
        "at": now.isoformat(),
        "broken": {**dataclasses.asdict(seen.holder), "started_at": seen.holder.started_at.isoformat()},
        "age_s": seen.age_s,
    }
    key = object_keys.broken_lock_key(deployment.name, f"{now:%Y%m%dT%H%M%S}-{seen.holder.token[:8]}")
    objects.create_object(context.aws.client("s3"), deployment.bucket, key, json.dumps(document, indent=1).encode())


def _result(
    deployment: Deployment, status: Literal["done", "unchanged", "declined"], exit_code: ExitCode = ExitCode.DONE
) -> Result:
    return Result(status=status, operation="unlock", deployment=deployment.name, exit_code=exit_code)
