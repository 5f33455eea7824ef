"""What of a schedule crosses a stack's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.wiring import ROLE, Value

if TYPE_CHECKING:
    from tapgen.parts.schedule.model import Schedule


def role_arn(part: Schedule) -> Value:
    """The role that Scheduler assumes."""
    return Value(f"{part.logical_id}RoleArn", f"Role of the {part.name} schedule", ROLE)
