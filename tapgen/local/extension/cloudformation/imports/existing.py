"""ImportExistingResources for nested stacks: what a child would create and is there already, it imports.

CloudFormation user guide, "Import AWS resources into a CloudFormation stack automatically": for nested stacks the
change set is made from the root; a name is literal, the resource is retained, and its identifier is in the template.
MiniStack finds what fits in the root's own template alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    ChangeSet = dict[str, Any]

_FIND = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_existing_resources",
    parameters=("changes", "template"),
    gap="Used: what of the changes would be created and exists.",
)
_UNRETAINED = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_unretained_import_reason",
    parameters=("entries", "template"),
    gap="Used: why what exists may not be imported.",
)
_OWNED = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_import_owner",
    parameters=("resources_to_import",),
    gap="Used: which stack has it.",
)
_CHANGE = Seam(
    module=cfn.CHANGE_SET_ACTIONS,
    attribute="_import_change",
    parameters=("entry",),
    gap="Used: the change that says so.",
)
SEAMS: tuple[Seam, ...] = (_FIND, _UNRETAINED, _OWNED, _CHANGE)

FOUND = "_import_existing"
"""On a change set, as MiniStack has it for a root: logical id → identifier of what is imported."""


def plan(planned: ChangeSet) -> str:
    """Turn the creation of what exists into an import, in a child's change set.

    Returns:
        Why the change set must fail; empty when it need not.
    """
    entries = original(_FIND)(planned["Changes"], planned["_template"])
    reason = original(_UNRETAINED)(entries, planned["_template"]) or original(_OWNED)(entries)
    if reason:
        return str(reason)
    imported = {entry["LogicalResourceId"]: original(_CHANGE)(entry) for entry in entries}
    planned[FOUND] = {entry["LogicalResourceId"]: entry["ResourceIdentifier"] for entry in entries}
    planned["Changes"] = [
        imported.get(change["ResourceChange"]["LogicalResourceId"], change) for change in planned["Changes"]
    ]
    return ""
