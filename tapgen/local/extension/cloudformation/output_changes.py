"""Whether an update would change nothing but outputs: CloudFormation makes that change set, and it can be executed.

MiniStack compares resources alone and fails the change set. Compared is what outputs are made of; a value that comes
from a resource is the same when it reads the same attribute, since that resource does not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCES = Seam(
    module="ministack.services.cloudformation.engine",
    attribute="_intrinsic_references",
    parameters=("value",),
    gap="Used: the parameters that a value refers to.",
)
SEAMS: tuple[Seam, ...] = (_REFERENCES, cfn.EVALUATE_CONDITIONS)


def changes_outputs(stack: cfn.Stack, change_set: Mapping[str, Any]) -> bool:
    """Whether a change set gives a stack that exists other outputs."""
    before = stack.get("_template")
    if not before or "_template" not in change_set:
        return False
    old = _made_of(before, stack.get("_resolved_params") or {})
    return bool(old != _made_of(change_set["_template"], change_set["_resolved_params"]))


def _made_of(template: cfn.Template, parameters: Mapping[str, Any]) -> Any:
    """What a template's outputs hang on, besides its resources."""
    conditions = original(cfn.EVALUATE_CONDITIONS)(template, parameters)
    outputs = {
        name: output
        for name, output in (template.get("Outputs") or {}).items()
        if conditions.get(output.get("Condition", ""), True)
    }
    read = {name for name, _ in original(_REFERENCES)(outputs)}
    known = {name: value.get("Value") for name, value in parameters.items() if name in read}
    return outputs, known, template.get("Mappings") if outputs else None
