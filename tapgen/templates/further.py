"""What a service of several compute stacks has besides: before them what their shifts share, after them their routes.

::

    shifts ──► compute2, compute3 …  ──┐
               compute (with the API) ─┴─► routes2, routes3 …
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.elements import wiring
from tapgen.parts.function.resources import give_layer
from tapgen.parts.http_api.resources import add_routes, take_api
from tapgen.parts.names import refer
from tapgen.templates.shifts import add_further_shift

if TYPE_CHECKING:
    from troposphere import Sub

    from tapgen.elements.wiring import Context, Stack

SHIFTS, ROUTES = "shifts", "routes"


def build_shifts(context: Context) -> Stack:
    """Application, configuration and layer of the functions in all further compute stacks; empty without any."""
    stack = wiring.Stack(
        wiring.stack_name(SHIFTS, context.block),
        f"What shifts of further functions share of the {context.service.title}",
    )
    if context.first and len(context.names.applications) > 1:
        give_layer(stack, context)
        add_further_shift(stack, context)
    return stack


@dataclass(frozen=True)
class _NamedAlias:
    """The live alias of a function in another stack, which this one waits for."""

    arn: Sub

    def ref(self) -> Sub:
        """Its ARN."""
        return self.arn


def build_routes(context: Context) -> Stack:
    """The routes to one further compute stack's functions: they need the API and the aliases; empty without any."""
    name = wiring.stack_name(ROUTES, context.block)
    stack = wiring.Stack(name, f"Routes to further functions of the {context.service.title}")
    functions = [part for part in context.service.functions if part.routes and context.holds(part)]
    if not context.first and functions:
        api = take_api(stack)
        for part in functions:
            add_routes(stack, context, part, api=api, alias=_NamedAlias(refer(context.names, part)))
    return stack
