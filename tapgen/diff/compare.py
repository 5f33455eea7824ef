"""Two releases of a deployment → all that separates them. The way into this folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.diff.consequences import find_dependences
from tapgen.diff.contents import compare_artifacts
from tapgen.diff.difference import Difference, ResourceDifference, StackDifference
from tapgen.diff.pairing import pair, rename
from tapgen.diff.permissions import compare_permissions
from tapgen.diff.publications import find_publications
from tapgen.diff.requirements import TYPE, name_of, requirement, strictest, top_of
from tapgen.diff.side import NESTED_STACK, ROOT
from tapgen.diff.values import find_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.diff.difference import Dependence, PropertyDifference
    from tapgen.diff.references import Place
    from tapgen.diff.side import Side, Template

_RETAINS = {"Retain", "RetainExceptOnCreate"}
# Beside the properties; DependsOn only orders, and what a Condition says is in the template's own section.
_ATTRIBUTES = ("Condition", "CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy")
_DECLARATIONS = ("Conditions", "Mappings", "Outputs", "Parameters")
# Content-addressed: what it points at is compared itself.
_TEMPLATE_URL = "TemplateURL"


def compare(before: Side, after: Side) -> Difference:
    """All that separates two releases.

    Args:
        before: What is there; without templates when nothing is.
        after: What will be.
    """
    pairs = {stack: pair(before.templates.get(stack, {}), template) for stack, template in after.templates.items()}
    renamed = _rename(before, pairs)
    stacks = tuple(filter(None, (_compare_stack(stack, renamed, after, pairs) for stack in _names(before, after))))
    stacks = _with_dependences(stacks, after)
    return Difference(
        before=before.label,
        after=after.label,
        stacks=stacks,
        artifacts=tuple(compare_artifacts(before, after)),
        publications=tuple(find_publications(after, stacks)),
        permissions=compare_permissions(renamed, after),
        tags=tuple(find_differences(dict(before.tags), dict(after.tags), "Tags")) if before.templates else (),
    )


def _names(before: Side, after: Side) -> list[str]:
    """The stacks of both sides, the root first and then in the order of their names."""
    found = {*before.templates, *after.templates}
    return sorted(found, key=lambda stack: (stack != ROOT, stack))


def _rename(side: Side, pairs: Mapping[str, Mapping[str, str]]) -> Side:
    """The old side with new hashes: what only repeats one did not change."""
    merged = {new: old for each in pairs.values() for new, old in each.items()}
    return replace(side, templates={stack: rename(each, merged) for stack, each in side.templates.items()})


def _compare_stack(
    stack: str, before: Side, after: Side, pairs: Mapping[str, Mapping[str, str]]
) -> StackDifference | None:
    old, new = before.templates.get(stack), after.templates.get(stack)
    renewed = pairs.get(stack, {})
    resources = tuple(
        found
        for logical_id in sorted({*_resources(old), *_resources(new)})
        if (found := _compare_resource(logical_id, _resources(old), _resources(new), renewed))
    )
    declarations = tuple(_compare_declarations(old or {}, new or {})) if old and new else ()
    if not resources and not declarations:
        return None
    return StackDifference(
        stack=stack,
        action="modify" if old and new else "add" if new else "remove",
        resources=resources,
        declarations=declarations,
    )


def _resources(template: Template | None) -> Template:
    """The resources of a template by id; nested stacks that are made or go show as their own stacks do."""
    found: Template = template["Resources"] if template else {}
    return found


def _compare_resource(
    logical_id: str, old: Template, new: Template, renewed: Mapping[str, str]
) -> ResourceDifference | None:
    before, after = old.get(logical_id), new.get(logical_id)
    if before is None or after is None:
        return _came_or_went(logical_id, before, after)
    resource_type = after["Type"]
    properties = tuple(_compare_properties(before, after))
    if logical_id in renewed:
        return ResourceDifference(
            action="renew",
            logical_id=logical_id,
            before_id=renewed[logical_id],
            resource_type=resource_type,
            properties=properties,
            retained=_is_retained(before, "UpdateReplacePolicy"),
        )
    if not properties:
        return None
    found = ResourceDifference(
        action="modify", logical_id=logical_id, resource_type=resource_type, properties=properties
    )
    return _with_replacement(found, after)


def _came_or_went(logical_id: str, before: Template | None, after: Template | None) -> ResourceDifference | None:
    resource = after or before
    if resource is None:
        return None
    return ResourceDifference(
        action="add" if after else "remove",
        logical_id=logical_id,
        resource_type=resource["Type"],
        retained=before is not None and _is_retained(before, "DeletionPolicy"),
    )


def _compare_properties(before: Template, after: Template) -> Iterator[PropertyDifference]:
    resource_type = after["Type"]
    for each in find_differences(before["Type"], resource_type, TYPE):
        yield replace(each, requires="always")
    for each in find_differences(before.get("Properties", {}), after.get("Properties", {})):
        if resource_type != NESTED_STACK or each.path != _TEMPLATE_URL:
            yield replace(each, requires=requirement(resource_type, each.path))
    for attribute in _ATTRIBUTES:
        yield from find_differences(before.get(attribute), after.get(attribute), attribute)


def _compare_declarations(old: Template, new: Template) -> Iterator[PropertyDifference]:
    for section in _DECLARATIONS:
        yield from find_differences(old.get(section) or {}, new.get(section) or {}, section)


def _with_replacement(found: ResourceDifference, after: Template) -> ResourceDifference:
    """The resource with what its properties and what it refers to say of a replacement."""
    places: list[PropertyDifference | Dependence] = [*found.properties, *found.depends_on]
    verdict = strictest(each.requires for each in places)
    if verdict == "never":
        return found
    return replace(
        found,
        replacement=verdict,
        causes=tuple(dict.fromkeys(top_of(each.path) for each in places if each.requires == verdict)),
        retained=_is_retained(after, "UpdateReplacePolicy"),
        keeps_name=_kept_name(found, after),
    )


def _kept_name(found: ResourceDifference, after: Template) -> str:
    """The name of a resource that is replaced without getting another one."""
    name = name_of(found.resource_type, after.get("Properties", {}))
    renamed = any(name and each.after == name for each in found.properties)
    return "" if renamed else name


def _is_retained(resource: Template, policy: str) -> bool:
    return resource.get(policy) in _RETAINS


def _with_dependences(stacks: tuple[StackDifference, ...], after: Side) -> tuple[StackDifference, ...]:
    """The differences with those that follow from resources that become others."""
    others: set[Place] = {
        (stack.stack, resource.logical_id)
        for stack in stacks
        for resource in stack.resources
        if resource.action == "renew" or resource.replacement == "always"
    }
    by_name = {stack.stack: stack for stack in stacks}
    for (stack, logical_id), dependences in find_dependences(after, others).items():
        present = by_name.get(stack) or StackDifference(stack=stack, action="modify")
        resource = after.templates[stack]["Resources"][logical_id]
        by_name[stack] = _with_dependence(present, logical_id, resource, dependences)
    return tuple(by_name[stack] for stack in sorted(by_name, key=lambda stack: (stack != ROOT, stack)))


def _with_dependence(
    stack: StackDifference, logical_id: str, resource: Template, dependences: tuple[Dependence, ...]
) -> StackDifference:
    found = {each.logical_id: each for each in stack.resources}
    known = found.get(logical_id) or ResourceDifference(
        action="follow", logical_id=logical_id, resource_type=resource["Type"]
    )
    if known.action in {"add", "remove"}:
        return stack
    known = replace(known, depends_on=dependences)
    found[logical_id] = known if known.action == "renew" else _with_replacement(known, resource)
    return replace(stack, resources=tuple(found[name] for name in sorted(found)))
