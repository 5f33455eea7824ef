"""The data firewall: which data a release would replace, delete or protect less, in any stack. Pure.

Templates tell what is deleted and what protects less; CloudFormation's change set tells what it would replace, and for
which property. Both are read, since each knows what the other cannot: a nested stack that goes has no change set of its
own, and a template does not say what CloudFormation decides while it updates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.gates.allowances import Threat
from tapgen.gates.templates import look_up, resources_of
from tapgen.gates.weakening import PROTECTED, find_weakenings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.gates.templates import Resource, Stacks
    from tapgen.model import Change

_KEEPING = {"Retain", "RetainExceptOnCreate"}


def find_threats(changes: Iterable[tuple[str, Change]], before: Stacks, after: Stacks) -> tuple[Threat, ...]:
    """Every way in which data would be lost or kept less safe, each resource and property once.

    Args:
        changes: Of the change set with all nested ones, each with its path.
        before: What is deployed.
        after: What is about to be.
    """
    old, new = dict(resources_of(before, *PROTECTED)), dict(resources_of(after))
    found = [
        *_deleted(old, new),
        *(threat for path, change in changes for threat in _by_change(path, change, (old.get(path), new.get(path)))),
        *_weakened(old, new),
    ]
    return tuple({(threat.path, threat.kind, threat.property_path): threat for threat in found}.values())


def _deleted(old: dict[str, Resource], new: dict[str, Resource]) -> Iterator[Threat]:
    for path, resource in old.items():
        if path not in new:
            yield _deletion(path, resource["Type"], resource)
        elif new[path]["Type"] != resource["Type"]:
            yield Threat(
                path=path,
                resource_type=resource["Type"],
                kind="replace",
                property_path="Type",
                cause=f"it would become {new[path]['Type']}",
            )


def _by_change(path: str, change: Change, definitions: tuple[Resource | None, Resource | None]) -> Iterator[Threat]:
    """What CloudFormation says of one resource.

    ``Conditional`` means that it decides while it updates, so it may be a replacement.
    """
    if change.resource_type not in PROTECTED:
        return
    if change.action == "Remove":
        yield _deletion(path, change.resource_type, definitions[0])
    elif change.action == "Modify" and change.replacement in {"True", "Conditional"}:
        if change.replacement == "Conditional" and _keeps_attributes(change, definitions):
            return
        may = "would" if change.replacement == "True" else "may"
        yield Threat(
            path=path,
            resource_type=change.resource_type,
            kind="replace",
            property_path=", ".join(change.replacing) or "a property that CloudFormation does not name",
            cause=f"it {may} be replaced by an empty one{_reasons(change)}",
        )


def _deletion(path: str, resource_type: str, resource: Resource | None) -> Threat:
    keeps = resource is not None and resource.get("DeletionPolicy", "Delete") in _KEEPING
    text = "it would stay in the account, and no stack would have it" if keeps else "it would be deleted with its data"
    return Threat(path=path, resource_type=resource_type, kind="delete", property_path="", cause=text)


def _keeps_attributes(change: Change, definitions: tuple[Resource | None, Resource | None]) -> bool:
    """Whether what may replace a table is nothing but attributes that come or go.

    A table is replaced when the type of an attribute changes that it has already (template reference,
    AWS::DynamoDB::Table, AttributeDefinitions); an index brings and takes attributes without that.
    """
    before, after = definitions
    if before is None or after is None or set(change.replacing) != {"AttributeDefinitions"}:
        return False
    old, new = _attribute_types(before), _attribute_types(after)
    return all(old[name] == new[name] for name in old.keys() & new.keys())


def _attribute_types(table: Resource) -> dict[str, str]:
    return {item["AttributeName"]: item["AttributeType"] for item in look_up(table, "AttributeDefinitions") or ()}


def _weakened(old: dict[str, Resource], new: dict[str, Resource]) -> Iterator[Threat]:
    for path, resource in old.items():
        if path in new and new[path]["Type"] == resource["Type"]:
            for weakening in find_weakenings(resource, new[path]):
                yield Threat(
                    path=path,
                    resource_type=resource["Type"],
                    kind="weaken",
                    property_path=weakening.property_path,
                    cause=weakening.cause,
                )


def _reasons(change: Change) -> str:
    return f": {', '.join(change.reasons)}" if change.reasons else ""
