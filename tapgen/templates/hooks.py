"""The hooks of the traffic shifts: two functions that judge a new version, before it gets traffic and after.

Both serve every shifted function. CodeDeploy calls them by name, so they run unpublished: a change of their code starts
no shift. They have no layer, because a hook's cold start is in the way of each deploy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.hook_runtime import MODULE, PREFIX_VARIABLE
from tapgen.naming import HOOKS
from tapgen.templates import wiring
from tapgen.templates.programs import Program, add_program

if TYPE_CHECKING:
    from tapgen.templates.wiring import Context, Stack

FOLDER = "hooks"


def add_hooks(stack: Stack, context: Context) -> dict[str, Any]:
    """Both functions, by the event at which they are called: ``before`` and ``after``."""
    return {event: _add_hook(stack, context, event) for event in HOOKS}


def _add_hook(stack: Stack, context: Context, event: str) -> Any:
    names = context.names
    program = Program(
        prefix=f"{event.capitalize()}Hook",
        folder=FOLDER,
        handler=f"{MODULE}.{event}_traffic",
        name=names.hook(event),
        description=f"Judges versions of {names.deployment} {event} they get traffic",
        log_group=names.hook_log_group(event),
        role_arn=wiring.HOOK_ROLE_ARNS[event],
        # CodeDeploy tells the function on trial by its physical name; the journeys know it by that in the service.
        variables={PREFIX_VARIABLE: f"{names.prefix}-"},
    )
    group, function = add_program(stack, context, program)
    stack.give(wiring.HOOK_LOG_GROUP_NAMES[event], group.ref())
    return function
