"""Conditions that compare what a function makes of parameters: ``Fn::Join`` of a list, ``Fn::Sub``, ``Fn::FindInMap`` …

MiniStack compares the function itself, as text, so that the two sides never agree: ``cdk bootstrap`` asks by
``Fn::Join`` whether a list is empty, and was always told that it is not. Source: CloudFormation user guide, "Condition
functions" (what may stand inside of one).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.extension.settings import Settings

_RESOLVE = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_resolve_refs",
    parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Used: resolves functions; conditions know Ref and Fn::Select alone.",
)
SEAMS: tuple[Seam, ...] = (_RESOLVE, cfn.EVALUATE_CONDITIONS)

_HOLDERS = tuple(f"ministack.services.cloudformation.{name}" for name in ("changesets", "handlers", "stacks"))
_FUNCTIONS = frozenset({"Fn::FindInMap", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"})


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Resolve what conditions compare before they are evaluated."""
    evaluate = original(cfn.EVALUATE_CONDITIONS)

    @functools.wraps(evaluate)
    def evaluate_resolved(template: dict[str, Any], params: dict[str, Any]) -> Any:
        conditions = _resolved(template.get("Conditions") or {}, params, template.get("Mappings") or {})
        return evaluate({**template, "Conditions": conditions}, params)

    replace(cfn.EVALUATE_CONDITIONS, evaluate_resolved, also=_HOLDERS)


def _resolved(value: Any, params: Mapping[str, Any], mappings: Mapping[str, Any]) -> Any:
    """The conditions with the value of each function in the function's place."""
    if isinstance(value, list):
        return [_resolved(item, params, mappings) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and _FUNCTIONS & value.keys():
        # A stack's name and id are no part of what is known here, and stay as they are written.
        return original(_RESOLVE)(value, {}, params, {}, mappings, "AWS::StackName", "AWS::StackId")
    return {name: _resolved(item, params, mappings) for name, item in value.items()}
