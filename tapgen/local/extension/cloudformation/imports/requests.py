"""What CreateChangeSet says of an import that MiniStack would take.

Knows the request and the change set that was made of it; imports nothing.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import refusal
from tapgen.local.extension.cloudformation.imports import nesting
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.answers import Answer

    Parameters = dict[str, Any]
    Action = Callable[[Parameters], Answer]

SEAMS: tuple[Seam, ...] = (cfn.ACTIONS, cfn.CHANGE_SETS)

_ID = re.compile("<Id>([^<]*)</Id>")
_WITH_NESTED = "IncludeNestedStacks is not supported for changeSet type: IMPORT."


def install() -> None:
    """Wrap CreateChangeSet."""
    actions = original(cfn.ACTIONS)
    actions["CreateChangeSet"] = functools.wraps(actions["CreateChangeSet"])(_checked(actions["CreateChangeSet"]))


def _checked(create: Action) -> Action:
    def handle(params: Parameters) -> Answer:
        importing = _first(params, "ChangeSetType") == "IMPORT"
        if importing and _first(params, "IncludeNestedStacks").lower() == "true":
            return refusal(_WITH_NESTED)
        answer = create(params)
        found = _ID.search(answer[2].decode()) if importing and answer[0] == 200 else None
        if found:
            _fail_for(original(cfn.CHANGE_SETS)[found[1]])
        return answer

    return handle


def _fail_for(change_set: dict[str, Any]) -> None:
    """AWS looks at the stacks to nest after it has taken the request: the change set fails, as for a missing one."""
    if change_set["Status"] != "CREATE_COMPLETE":
        return
    reason = nesting.objection(change_set)
    if reason:
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason, Changes=[])


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
