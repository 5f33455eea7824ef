"""The data stack: what the service keeps. Each kind makes its own resources; nothing here names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements import wiring
from tapgen.parts.registry import list_kinds
from tapgen.templates.ways_out import add_resources, customized

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack

NAME = "data"


def build(context: Context) -> Stack:
    """Every part of a kind that keeps something."""
    stack = wiring.Stack(wiring.stack_name(NAME, context.block), f"Data of the {context.service.title}")
    for kind in list_kinds():
        parts = [part for part in context.service.parts if part.kind == kind.name]
        if kind.stack != NAME or not parts:
            continue
        resources = kind.require("resources")
        if context.first and hasattr(resources, "build_shared"):
            resources.build_shared(stack, context, parts)
        for part in parts:
            if not context.holds(part):
                if hasattr(resources, "build_away"):
                    resources.build_away(stack, context, part)
                continue
            with customized(stack, context, part):
                resources.build(stack, context, part)
    add_resources(stack, context)
    return stack
