"""The compute stack: functions, versions, live aliases with guarded shifts, event sources, the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere.apigatewayv2 import Api

from tapgen.elements import wiring
from tapgen.parts.function.calls import add_calls
from tapgen.parts.function.concurrency import add_scaling
from tapgen.parts.function.resources import add_function, add_layer, take_layer
from tapgen.parts.http_api.domain import add_domain
from tapgen.parts.http_api.resources import add_api, add_routes, add_stage, take_api
from tapgen.parts.registry import kind_of
from tapgen.templates import shifts
from tapgen.templates.ways_out import add_resources, customized

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack


def build(context: Context) -> Stack:
    """Everything that runs."""
    service = context.service
    name = wiring.stack_name("compute", context.block)
    stack = wiring.Stack(name, f"Functions, traffic shifts and API of the {service.title}")
    functions = [part for part in service.functions if context.holds(part)]
    layer = add_layer(stack, context) if context.first else take_layer(stack, context, functions)
    api = None
    if service.api:
        api = add_api(stack, context, service.api) if context.first else take_api(stack, functions)
    if context.first:
        shift = shifts.add_shift(stack, context, api_id=api.ref() if api else None)
    else:
        shift = shifts.name_shift(stack, context)
    routes: list[str] = []
    for part in functions:
        with customized(stack, context, part):
            published = add_function(stack, context, part, layer=layer)
            alias = shifts.add_alias(stack, context, published, shift=shift)
            add_scaling(stack, context, part, alias=alias)
            add_calls(stack, context, part, alias=alias)
        for source in part.sources:
            kind_of(source.part).require("sources").add_source(stack, context, part, source, alias=alias)
        if api:
            routes += add_routes(stack, context, part, api=api, alias=alias)
    if service.api and isinstance(api, Api):
        stage = add_stage(stack, context, api, depends_on=routes)
        add_domain(stack, context, service.api, api=api, stage=stage)
    add_resources(stack, context)
    return stack
