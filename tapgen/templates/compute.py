"""The compute stack: functions, versions, live aliases with guarded shifts, event sources, the HTTP API.

A further compute stack takes nothing of the first: CloudFormation would update it after the first one's shifts, and a
release would shift in turns. What its functions share is in the shifts' stack, its routes in a stack of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements import wiring
from tapgen.parts.function.calls import add_calls
from tapgen.parts.function.concurrency import add_scaling
from tapgen.parts.function.resources import add_function, add_layer, take_layer
from tapgen.parts.http_api.domain import add_domain
from tapgen.parts.http_api.resources import add_api, add_routes, add_stage
from tapgen.parts.registry import kind_of
from tapgen.templates import shifts
from tapgen.templates.ways_out import add_resources, customized

if TYPE_CHECKING:
    from troposphere.awslambda import Version

    from tapgen.elements.wiring import Context, Stack


# Lambda takes 15 requests a second of what is neither an invocation nor a read of a function (Lambda developer guide,
# "quotas"). CloudFormation and CodeDeploy make some for each shift, and one that is throttled fails: with 29 at once
# CodeDeploy's role "exceeded the request limit for AWSLambda". DependsOn is what AWS advises (AWS knowledge center,
# "Rate exceeded" errors with CloudFormation).
_AT_ONCE = 10


def build(context: Context) -> Stack:
    """Everything that runs."""
    service = context.service
    name = wiring.stack_name("compute", context.block)
    stack = wiring.Stack(name, f"Functions, traffic shifts and API of the {service.title}")
    functions = [part for part in service.functions if context.holds(part)]
    layer = add_layer(stack, context) if context.first else take_layer(stack, context, functions)
    api = add_api(stack, context, service.api) if service.api and context.first else None
    if context.first:
        shift = shifts.add_shift(stack, context, api_id=api.ref() if api else None)
    else:
        shift = shifts.name_shift(stack, context)
    routes: list[str] = []
    versions: list[Version] = []
    for part in functions:
        with customized(stack, context, part):
            published = add_function(stack, context, part, layer=layer)
            versions.append(published.version)
            alias = shifts.add_alias(stack, context, published, shift=shift)
            add_scaling(stack, context, part, alias=alias)
            add_calls(stack, context, part, alias=alias)
        for source in part.sources:
            kind_of(source.part).require("sources").add_source(stack, context, part, source, alias=alias)
        if api:
            routes += add_routes(stack, context, part, api=api, alias=alias)
    if service.api and api:
        stage = add_stage(stack, context, service.api, api=api, depends_on=routes)
        add_domain(stack, context, service.api, api=api, stage=stage)
    _stagger(versions, at_once=max(1, _AT_ONCE // service.last_block))
    add_resources(stack, context)
    return stack


def _stagger(versions: list[Version], *, at_once: int) -> None:
    """Let each version wait for an earlier one, so that only so many are published, and begin to shift, at once.

    Publishing takes a moment and a shift minutes: all shifts overlap. One that changed alone waits for nothing.
    """
    for earlier, later in zip(versions, versions[at_once:], strict=False):
        later.DependsOn = earlier.title
