"""Lambda functions with version, live alias, log group, guards and event sources."""

from __future__ import annotations

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
    },
)
