"""What of a template's properties is known before anything is provisioned, and where a value is still missing.

A value that comes from another resource, from the outside (``Fn::ImportValue``, ``{{resolve:...}}``) or from a
parameter that nobody knows yet is pending; everything else is resolved.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.extension.cloudformation.properties.violations import Path

_ENGINE = "ministack.services.cloudformation.engine"
_RESOLVE = Seam(
    module=_ENGINE,
    attribute="_resolve_refs",
    parameters=("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Used: resolves intrinsic functions.",
)
_REFERENCES = Seam(
    module=_ENGINE,
    attribute="_intrinsic_references",
    parameters=("value",),
    gap="Used: the resources and parameters that a value refers to.",
)
_NO_VALUE = Seam(module=_ENGINE, attribute="_NO_VALUE", parameters=None, gap="Used: AWS::NoValue.")
SEAMS: tuple[Seam, ...] = (_RESOLVE, _REFERENCES, _NO_VALUE)

_PENDING = "pending"
_DYNAMIC = "{{resolve:"
_OUTSIDE = "Fn::ImportValue"


@dataclass(frozen=True, kw_only=True)
class Known:
    """The properties of a resource as far as they are known.

    Attributes:
        properties: Resolved; something stands where a value is pending.
        pending: Where that is.
    """

    properties: dict[str, Any]
    pending: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class Template:
    """A template with what is known of its values.

    Attributes:
        resources: Its resources by logical id.
        parameters: Parameter → MiniStack's record of its value.
        conditions: Its conditions, evaluated.
        mappings: Its mappings.
        stack: Name and id of the stack.
        unknown: Parameters without a value yet.
    """

    resources: Mapping[str, Any]
    parameters: Mapping[str, Any]
    conditions: Mapping[str, bool]
    mappings: Mapping[str, Any]
    stack: tuple[str, str]
    unknown: frozenset[str] = frozenset()

    def read(self, logical_id: str) -> Known:
        """A resource's properties."""
        pending: list[Path] = []
        # The whole of it may be a Fn::If.
        properties = self._value(self.resources[logical_id].get("Properties") or {}, (), pending)
        return Known(properties=properties if isinstance(properties, dict) else {}, pending=tuple(pending))

    def exists(self, logical_id: str) -> bool:
        """Whether the resource's condition holds."""
        return self.conditions.get(self.resources[logical_id].get("Condition", ""), True)

    def _value(self, raw: Any, path: Path, pending: list[Path]) -> Any:
        if isinstance(raw, list):
            items = (self._value(item, (*path, number), pending) for number, item in enumerate(raw))
            return [item for item in items if item is not original(_NO_VALUE)]
        if isinstance(raw, dict) and not _is_function(raw):
            members = ((name, self._value(each, (*path, name), pending)) for name, each in raw.items())
            return {name: value for name, value in members if value is not original(_NO_VALUE)}
        if self._is_pending(raw):
            pending.append(path)
            return _PENDING
        return self._resolve(raw, path, pending)

    def _resolve(self, raw: Any, path: Path, pending: list[Path]) -> Any:
        if not isinstance(raw, dict):
            return raw
        resolved = original(_RESOLVE)(
            copy.deepcopy(raw), {}, self.parameters, self.conditions, self.mappings, *self.stack
        )
        if self._is_pending(resolved):
            pending.append(path)
        return resolved

    def _is_pending(self, value: Any) -> bool:
        if isinstance(value, str):
            return _DYNAMIC in value
        if not isinstance(value, dict):
            return False
        names = {name for name, _ in original(_REFERENCES)(value)}
        return bool(names & (self.resources.keys() | self.unknown)) or _holds(value, _OUTSIDE)


def _is_function(value: dict[str, Any]) -> bool:
    (name, *others) = value or {"": None}
    return not others and (name in {"Ref", "Condition"} or name.startswith("Fn::"))


def _holds(value: Any, function: str) -> bool:
    if isinstance(value, dict):
        return function in value or any(_holds(each, function) for each in value.values())
    return isinstance(value, list) and any(_holds(each, function) for each in value)
