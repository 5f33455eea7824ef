"""What a schedule and its role are called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.schedule.model import Schedule

GROUP = "default"
"""The schedule group; each account has it."""


def physical_name(names: Names, part: Schedule) -> str:
    """The schedule's name."""
    return names.name("schedule", part.name)


def role_name(names: Names, part: Schedule) -> str:
    """The role that Scheduler assumes for it."""
    return names.function_role(f"{part.name}-schedule")


def make_arn(names: Names, part: Schedule, path: str = "") -> Arn:
    """The ARN of the schedule."""
    return arns.regional("scheduler", f"schedule/{GROUP}/{physical_name(names, part)}{path}")
