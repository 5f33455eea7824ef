"""What separates a resource that exists from its definition in a release. Pure: both are handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.deploy.drift.expectation import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.aws.adoptable.model import Existing
    from tapgen.deploy.drift.expectation import Surroundings
    from tapgen.deploy.parts import Part

_IDENTIFYING = ("IndexName", "AttributeName", "Key", "Id")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A property that is not as the release has it."""

    name: str
    wanted: Any
    """As rendered; None where it is not set."""
    actual: Any
    """As it is; None where it is off."""
    lasting: bool = False
    """Whether no update can change it: the resource cannot be this part."""


def find_differences(part: Part, existing: Existing, around: Surroundings) -> tuple[Difference, ...]:
    """Every property that is known to differ; one whose value is not known before a deploy is left out."""
    lasting = tuple(_lasting(part, existing, around))
    known = {difference.name for difference in lasting}
    return (*lasting, *(each for each in _changing(part, existing, around) if each.name not in known))


def fits(wanted: Any, actual: Any) -> bool:
    """Whether what is there has all that is wanted: keys beyond those of the definition do not count."""
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(fits(value, actual.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(actual, list) or len(wanted) != len(actual):
            return False
        pairs = zip(sorted(wanted, key=_identity), sorted(actual, key=_identity), strict=True)
        return all(fits(one, other) for one, other in pairs)
    if wanted is False:
        return actual in (False, None, "false")
    return wanted == actual or str(wanted).lower() == str(actual).lower()


def _identity(item: Any) -> str:
    if isinstance(item, dict):
        return next((str(item[key]) for key in _IDENTIFYING if key in item), repr(sorted(item)))
    return str(item)


def _lasting(part: Part, existing: Existing, around: Surroundings) -> Iterator[Difference]:
    properties = part.definition.get("Properties", {})
    name = resolve(properties.get(part.kind.name_property), around) if part.kind.name_property else None
    if name is not None and name != existing.name:
        yield Difference(name=part.kind.name_property, wanted=name, actual=existing.name, lasting=True)
    for key in part.kind.immutable:
        if key not in existing.covered:
            continue
        default = part.kind.defaults.get(key)
        wanted, actual = properties.get(key, default), existing.properties.get(key, default)
        if wanted is None and not actual:
            continue
        if not fits(wanted if wanted is not None else [], actual):
            yield Difference(name=key, wanted=wanted, actual=actual, lasting=True)
    yield from _key_types(properties, existing)


def _key_types(properties: Mapping[str, Any], existing: Existing) -> Iterator[Difference]:
    """A table's key attribute cannot change its type; other attributes come and go with their indexes."""
    keys = {each.get("AttributeName") for each in properties.get("KeySchema", ())}

    def types(listed: Any) -> dict[str, str]:
        return {
            each["AttributeName"]: each["AttributeType"] for each in listed or () if each.get("AttributeName") in keys
        }

    wanted = types(properties.get("AttributeDefinitions"))
    actual = types(existing.properties.get("AttributeDefinitions"))
    if keys and wanted != actual:
        yield Difference(name="AttributeDefinitions", wanted=wanted, actual=actual, lasting=True)


def _changing(part: Part, existing: Existing, around: Surroundings) -> Iterator[Difference]:
    for key, value in part.definition.get("Properties", {}).items():
        if key == part.kind.name_property or key in part.kind.immutable or key not in existing.covered:
            continue
        wanted, actual = resolve(value, around), existing.properties.get(key)
        if wanted is not None and not fits(wanted, actual):
            yield Difference(name=key, wanted=wanted, actual=actual)
