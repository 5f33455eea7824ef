"""One index at a time: an update of a table that creates or deletes several is refused, as DynamoDB refuses it.

MiniStack makes as many as the template asks for. AWS documentation: "Managing global secondary indexes", UpdateTable.
Local indexes are made with their table alone: template reference, AWS::DynamoDB::Table LocalSecondaryIndex, "Updates
are not supported"; the text of that refusal is [inferred].
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_REFUSAL = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_custom_named_replacement_error",
    parameters=("resource_type", "old_props", "new_props"),
    gap="Refuses updates before they begin, but not those that change several indexes of a table.",
)

SEAMS: tuple[Seam, ...] = (_REFUSAL,)

_TABLE = "AWS::DynamoDB::Table"
_TOO_MANY = "Cannot perform more than one GSI creation or deletion in a single update"
_LOCAL = "Local secondary indexes cannot be added, changed or removed after the table has been created"


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Refuse what DynamoDB would refuse."""
    refuse = original(_REFUSAL)

    @functools.wraps(refuse)
    def refusing(
        resource_type: str, old_props: dict[str, Any], new_props: dict[str, Any], *rest: Any, **more: Any
    ) -> Any:
        if resource_type == _TABLE and _count(old_props, new_props) > 1:
            return _TOO_MANY
        if resource_type == _TABLE and old_props.get("TableName") == new_props.get("TableName"):
            old, new = (_indexes(props, "LocalSecondaryIndexes") for props in (old_props, new_props))
            if old != new:
                return _LOCAL
        return refuse(resource_type, old_props, new_props, *rest, **more)

    replace(_REFUSAL, refusing)


def _count(old_props: dict[str, Any], new_props: dict[str, Any]) -> int:
    """How many indexes would be created and deleted; one whose keys or projection change is both."""
    old, new = _indexes(old_props), _indexes(new_props)
    anew = sum(
        any(old[name].get(part) != new[name].get(part) for part in ("KeySchema", "Projection"))
        for name in old.keys() & new.keys()
    )
    return len(old.keys() ^ new.keys()) + 2 * anew


def _indexes(props: dict[str, Any], kind: str = "GlobalSecondaryIndexes") -> dict[str, dict[str, Any]]:
    return {index["IndexName"]: index for index in props.get(kind) or ()}
