"""The compute stack: functions, versions, live aliases with guarded shifts, the stream's consumer, the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.templates import api, functions, shifts, wiring

if TYPE_CHECKING:
    from tapgen.templates.wiring import Context, Stack


def build(context: Context) -> Stack:
    """Everything that runs."""
    stack = wiring.Stack("compute", "Functions, traffic shifts and API of the transactions service")
    layer = functions.add_layer(stack, context)
    http_api = api.add_api(stack, context)
    shift = shifts.add_shift(stack, context)
    for definition in functions.FUNCTIONS:
        published = functions.add_function(stack, context, definition, layer)
        alias = shifts.add_alias(stack, context, published, shift=shift, api_id=http_api.ref())
        if definition is functions.API:
            api.add_routes(stack, context, http_api, alias)
        else:
            functions.add_stream_source(stack, context, alias)
    return stack
