"""The role of each schedule: it may invoke one live alias, and send to the queue of what was given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import awslambda, sqs
from awacs.aws import Allow, Statement

from tapgen.elements.principals import RoleHolder
from tapgen.iam.roles import document
from tapgen.parts.names import make_arn
from tapgen.parts.schedule import values
from tapgen.parts.schedule.model import Schedule
from tapgen.parts.schedule.names import role_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context


def list_principals(context: Context) -> Iterator[RoleHolder]:
    """One for each schedule, in the block of the function that it invokes."""
    for part in context.service.of(Schedule):
        if not _is_here(context, part):
            continue
        yield RoleHolder(
            value=values.role_arn(part),
            role_name=role_name(context.names, part),
            service="scheduler",
            policy=document(_statements(context, part)),
        )


def _is_here(context: Context, part: Schedule) -> bool:
    targets = [function for function, _ in context.service.consumers(part)]
    return context.holds(targets[0]) if targets else context.first


def _statements(context: Context, part: Schedule) -> Iterator[Statement]:
    targets = [function for function, _ in context.service.consumers(part)]
    yield Statement(
        Sid="InvokeTarget",
        Effect=Allow,
        Action=[awslambda.InvokeFunction],
        Resource=[make_arn(context.names, function) for function in targets],
    )
    if part.attempts.on_failure:
        yield Statement(
            Sid="KeepFailures",
            Effect=Allow,
            Action=[sqs.SendMessage],
            Resource=[make_arn(context.names, part.attempts.on_failure)],
        )
