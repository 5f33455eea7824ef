"""Which properties of a type replace the resource: change sets say it, and updates do it.

MiniStack knows it of some types and says ``Conditionally`` of every property of the others. Here it is what the
published schemas say ("createOnlyProperties"), and a resource that has a name of its own is not replaced by one of the
same name (template reference, "Name type").
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation.properties import schemas
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

    Properties = Mapping[str, Any]

_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_REPLACING = Seam(
    module=_PROVISIONERS,
    attribute="_REPLACING_PROPERTIES",
    parameters=None,
    gap="read only: the types that MiniStack, or a module of this extension, decides for",
)
_RECREATION = Seam(
    module=_PROVISIONERS,
    attribute="_property_recreation",
    parameters=("resource_type", "name"),
    gap="Counts every change of a type that it does not know as perhaps a replacement, and so its referrers'.",
)
_NAME_REFUSAL = Seam(
    module=_PROVISIONERS,
    attribute="_custom_named_replacement_error",
    parameters=("resource_type", "old_props", "new_props", "physical_id"),
    gap="Lets most types replace a resource by another one of the same name.",
)
_NAMED = Seam(
    module=_PROVISIONERS,
    attribute="_CUSTOM_NAME_REPLACEMENT",
    parameters=None,
    gap="read only: the types whose names MiniStack knows",
)
SEAMS: tuple[Seam, ...] = (_REPLACING, _RECREATION, _NAME_REFUSAL, _NAMED)

_ALSO: Mapping[str, frozenset[str]] = {
    # Template reference, "Update requires: Replacement"; the schema does not have it.
    "AWS::Events::Rule": frozenset({"EventBusName"}),
}
_REFUSAL = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and update "
    "the stack again."
)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Ask the schemas where MiniStack does not know."""
    replace(_RECREATION, _by_schema(original(_RECREATION)), also=("ministack.services.cloudformation.stacks",))
    replace(_NAME_REFUSAL, _refusing(original(_NAME_REFUSAL)), also=("ministack.services.cloudformation.stacks",))


def _by_schema(recreation: Callable[[str, str], str]) -> Callable[[str, str], str]:
    @functools.wraps(recreation)
    def by_schema(resource_type: str, name: str) -> str:
        schema = None if resource_type in original(_REPLACING) else schemas.find(resource_type)
        if schema is None:
            return recreation(resource_type, name)
        return "Always" if name in {*schema.create_only, *_ALSO.get(resource_type, ())} else "Never"

    return by_schema


def _refusing(refuse: Callable[..., str | None]) -> Callable[..., str | None]:
    @functools.wraps(refuse)
    def refusing(
        resource_type: str, old_props: Properties, new_props: Properties, physical_id: str | None = None
    ) -> str | None:
        name = "" if resource_type in original(_NAMED) else _kept_name(resource_type, old_props, new_props)
        if not name:
            return refuse(resource_type, old_props, new_props, physical_id)
        changed = (key for key in {*old_props, *new_props} if old_props.get(key) != new_props.get(key))
        if any(original(_RECREATION)(resource_type, key) == "Always" for key in changed):
            return _REFUSAL.format(name=physical_id or name)
        return None

    return refusing


def _kept_name(resource_type: str, old_props: Properties, new_props: Properties) -> str:
    """The name that a template gives to a resource and an update leaves as it is; empty without one."""
    schema = schemas.find(resource_type)
    if schema is None or len(schema.identifier) != 1 or schema.identifier[0] not in schema.create_only:
        return ""
    old, new = (str(props.get(schema.identifier[0]) or "") for props in (old_props, new_props))
    return old if old == new else ""
