"""The hooks of the traffic shifts: two functions that judge a new version, before it gets traffic and after.

A pair serves the functions of the first compute stack, another one those of all further stacks. CodeDeploy calls them
by name, so they run unpublished: a change of their code starts no shift. They have no layer, because a hook's cold
start is in the way of each deploy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements import wiring
from tapgen.hook_runtime import MODULE, PREFIX_VARIABLE
from tapgen.naming import HOOKS
from tapgen.parts.function.model import HOOKS as SETTINGS
from tapgen.parts.function.program import Program, add_program

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack

RUNTIME = "python3.13"


def add_hooks(stack: Stack, context: Context, hooks: tuple[str, ...] = HOOKS) -> dict[str, Any]:
    """A pair of hooks, by the event at which each is called: ``before`` and ``after``."""
    return {event: _add_hook(stack, context, event, hook) for event, hook in zip(HOOKS, hooks, strict=True)}


def _add_hook(stack: Stack, context: Context, event: str, hook: str) -> Any:
    names = context.names
    program = Program(
        prefix=f"{hook.capitalize()}Hook",
        artifact=SETTINGS,
        runtime=RUNTIME,
        handler=f"{MODULE}.{event}_traffic",
        name=names.hook(hook),
        description=f"Judges versions of {names.deployment} {event} they get traffic",
        log_group=names.hook_log_group(hook),
        role_arn=wiring.HOOK_ROLE_ARNS[hook],
        # CodeDeploy tells the function on trial by its physical name; the journeys know it by that in the service.
        variables={PREFIX_VARIABLE: f"{names.prefix}-"},
        settings=context.environment.functions[SETTINGS],
        suppressed={
            "CKV_AWS_115": "CodeDeploy calls it twice in a shift, and a deployment group has one shift at a time",
            "CKV_AWS_116": "CodeDeploy waits for its answer: without one the shift fails and is rolled back",
        },
    )
    group, function = add_program(stack, context, program)
    stack.export(wiring.HOOK_LOG_GROUP_NAMES[hook], group.ref())
    return function
