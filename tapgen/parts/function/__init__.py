"""Lambda functions with version, live alias, log group, guards and event sources."""

from __future__ import annotations

from tapgen.naming import HOOKS as HOOK_EVENTS
from tapgen.parts.function.model import HOOKS
from tapgen.parts.registry import Kind

_JUDGES = "the functions that judge new versions"

KIND = Kind(
    name="function",
    package="tapgen.parts.function",
    section="functions",
    shared="function",
    reserved=(HOOKS,),
    # A function's role has the function's name.
    taken={
        HOOKS: _JUDGES,
        "cloudformation": "the role that CloudFormation assumes",
        "codedeploy": "the role that CodeDeploy assumes",
        "deployer": "the role that deploys",
        "hook-after": _JUDGES,
        "hook-before": _JUDGES,
        # A pair for each further block of nested stacks.
        **{f"hook-{event}-{block}": _JUDGES for event in HOOK_EVENTS for block in range(2, 100)},
    },
)
