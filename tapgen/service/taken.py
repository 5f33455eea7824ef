"""Names that parts of a service cannot have, because tapgen gives them to resources of its own."""

from __future__ import annotations

from tapgen.parts.faults import tell
from tapgen.parts.function.model import HOOKS

_TAKEN = {
    "bucket": {"access-logs": "the access logs of the buckets", "artifacts": "the artifacts of every release"},
    "function": {
        HOOKS: "the functions that judge new versions",
        "cloudformation": "the role that CloudFormation assumes",
        "codedeploy": "the role that CodeDeploy assumes",
        "deployer": "the role that deploys",
        "hook-after": "the functions that judge new versions",
        "hook-before": "the functions that judge new versions",
    },
    "topic": {"alarms-critical": "alarms", "alarms-warning": "alarms"},
}
"""Kind → name → what has it. A function's role has the function's name."""


def check_taken(kind: str, name: str) -> None:
    """Tell when a part of a kind cannot have a name."""
    holder = _TAKEN.get(kind, {}).get(name)
    if holder:
        tell(f"{kind} {name!r}: the name is taken by {holder}")
