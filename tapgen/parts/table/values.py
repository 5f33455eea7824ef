"""What of a table crosses a stack's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.wiring import NAME, STREAM, TABLE, Value

if TYPE_CHECKING:
    from tapgen.parts.table.model import Table


def name(part: Table) -> Value:
    """The table's name."""
    return Value(f"{part.logical_id}Name", f"Name of the {part.name} table", NAME, derivable=True)


def arn(part: Table) -> Value:
    """The table's ARN."""
    return Value(f"{part.logical_id}Arn", f"ARN of the {part.name} table", TABLE, derivable=True)


def stream_arn(part: Table) -> Value:
    """The ARN of its stream, which holds the moment of its creation: the table alone knows it."""
    return Value(f"{part.logical_id}StreamArn", f"ARN of the stream of the {part.name} table", STREAM)
