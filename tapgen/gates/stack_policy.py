"""Stack policies: what the data firewall refuses, in words that CloudFormation holds everybody to. Pure.

A stack policy is looked at in each update of its stack, whoever asks for it; it does not stop a deletion of the whole
stack, which termination protection is for. Each stack has its own, nested ones too. The execution of a change set takes
no temporary policy (ExecuteChangeSet, API reference): who replaces something on purpose sets another policy first and
puts this one back afterwards. AWS documentation: "Prevent updates to stack resources".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.gates.templates import NESTED_STACK
from tapgen.gates.weakening import PROTECTED

if TYPE_CHECKING:
    from collections.abc import Collection

    from tapgen.gates.templates import Template

_ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
_LOSSES = ["Update:Delete", "Update:Replace"]
# A nested stack that goes takes along what is in it.
GUARDED = (*sorted(PROTECTED), NESTED_STACK)
"""Types that no update deletes or replaces."""


def standing_policy() -> str:
    """The policy of every stack, the same for all: data is changed in place, or not at all."""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": _LOSSES,
        "Resource": "*",
        "Condition": {"StringEquals": {"ResourceType": list(GUARDED)}},
    }
    return _text([_ALLOW, deny])


def lenient_policy(template: Template, allowed: Collection[str]) -> str:
    """The policy of a stack during one operation that replaces or deletes some of its resources on purpose.

    Args:
        template: Of the stack as it is.
        allowed: Logical ids.
    """
    guarded = sorted(
        f"LogicalResourceId/{name}"
        for name, resource in template.get("Resources", {}).items()
        if resource["Type"] in GUARDED and name not in allowed
    )
    # CloudFormation refuses a statement without a resource.
    deny = [{"Effect": "Deny", "Principal": "*", "Action": _LOSSES, "Resource": guarded}] if guarded else []
    return _text([_ALLOW, *deny])


def _text(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Statement": statements})
