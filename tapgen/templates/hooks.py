"""The hooks of the traffic shifts: two functions that judge a new version, before it gets traffic and after.

Each block of nested stacks has a pair for its own functions, which may try those alone. CodeDeploy calls hooks by name,
so they run unpublished: a change of their code starts no shift. They have no layer, because a hook's cold start is in
the way of each deploy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements import wiring
from tapgen.hook_runtime import MODULE, PREFIX_VARIABLE
from tapgen.naming import HOOKS, hooks_of_block
from tapgen.parts.function.model import HOOKS as SETTINGS
from tapgen.parts.function.program import Program, add_program

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack

RUNTIME = "python3.13"


def add_hooks(stack: Stack, context: Context) -> dict[str, Any]:
    """Both functions, by the event at which they are called; nothing in a block without functions."""
    if not context.first and not any(context.holds(part) for part in context.service.functions):
        return {}
    hooks = hooks_of_block(context.block)
    return {event: _add_hook(stack, context, hook, event) for event, hook in zip(HOOKS, hooks, strict=True)}


def _add_hook(stack: Stack, context: Context, hook: str, event: str) -> Any:
    names = context.names
    program = Program(
        prefix=wiring.hook_stem(hook),
        artifact=SETTINGS,
        runtime=RUNTIME,
        handler=f"{MODULE}.{event}_traffic",
        name=names.hook(hook),
        description=f"Judges versions of {names.deployment} {event} they get traffic",
        log_group=names.hook_log_group(hook),
        role_arn=wiring.hook_role_arn(hook),
        # CodeDeploy tells the function on trial by its physical name; the journeys know it by that in the service.
        variables={PREFIX_VARIABLE: f"{names.prefix}-"},
        settings=context.environment.functions[SETTINGS],
        suppressed={
            "CKV_AWS_115": "CodeDeploy calls it twice in a shift, and a deployment group has one shift at a time",
            "CKV_AWS_116": "CodeDeploy waits for its answer: without one the shift fails and is rolled back",
        },
    )
    group, function = add_program(stack, context, program)
    stack.export(wiring.hook_log_group_name(hook), group.ref())
    return function
