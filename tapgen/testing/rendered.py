"""The templates of one environment, and their resources by type, stack and part. Asserts nothing."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.elements.templates import Resource, Templates
from tapgen.parts.http_api.model import HttpApi
from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.config.environment import Environment
    from tapgen.parts.part import Part
    from tapgen.service.model import Model

__all__ = ["RenderedEnvironment", "Resource"]

_OF_HTTP_API = "AWS::ApiGatewayV2::"


@dataclass(frozen=True, kw_only=True)
class RenderedEnvironment:
    """The templates of one environment, as a deploy would upload them."""

    environment: Environment
    """Its resolved configuration."""
    templates: Mapping[str, Mapping[str, Any]]
    """Stack → template: ``root``, ``security``, ``data``, ``compute``, ``observability``."""

    @property
    def service(self) -> Model:
        """What ``config/service.py`` defines."""
        return self.environment.service

    @property
    def all_resources(self) -> tuple[Resource, ...]:
        """Every resource of every stack, by stack and logical id."""
        found = Templates(self.environment, self.templates).resources
        return tuple(sorted(found, key=lambda resource: (resource.stack, resource.logical_id)))

    def resources(
        self, resource_type: str | None = None, *, kind: str | None = None, part: str | None = None
    ) -> tuple[Resource, ...]:
        """The resources that fit all of what is said.

        Args:
            resource_type: ``AWS::DynamoDB::Table``, or the beginning of types: ``AWS::Lambda::``.
            kind: ``table``, ``queue`` …: resources of any part of this kind.
            part: The part's name in ``config/service.py``; with ``kind`` where two kinds have one of that name.

        Raises:
            LookupError: There is no such kind or part; the message lists those that there are.
        """
        owners = set(map(_identity, self._parts(kind, part))) if kind or part else None
        return tuple(
            resource
            for resource in self.all_resources
            if (resource_type is None or _fits(resource.type, resource_type))
            and (owners is None or _identity(self.owner_of(resource)) in owners)
        )

    def resource(
        self, resource_type: str | None = None, *, kind: str | None = None, part: str | None = None
    ) -> Resource:
        """The one resource that fits; the arguments are those of :meth:`resources`.

        Raises:
            LookupError: None fits, or several do; the message lists them.
        """
        found = self.resources(resource_type, kind=kind, part=part)
        if len(found) == 1:
            return found[0]
        asked = " ".join(
            [
                resource_type or "resource",
                *(f"{key}={value!r}" for key, value in (("kind", kind), ("part", part)) if value),
            ]
        )
        if found:
            raise LookupError(f"{asked}: {len(found)} fit: {', '.join(map(str, found))}")
        raise LookupError(
            f"{asked}: none fits; the types are {', '.join(sorted({item.type for item in self.all_resources}))}"
        )

    def owner_of(self, resource: Resource) -> Part | None:
        """The part that a resource was made for; None for what serves the whole service.

        A part's resources have logical ids that begin with its own; the longest one that fits decides.
        """
        best: Part | None = None
        for part in self.service.parts:
            stem = part.logical_id
            if not _begins(resource.logical_id, stem) or (best and len(best.logical_id) > len(stem)):
                continue
            if best and len(best.logical_id) == len(stem) and not _prefers(part, resource):
                continue
            best = part
        return best

    def changed(
        self, resource: Resource, *, properties: Mapping[str, Any] | None = None, **attributes: Any
    ) -> RenderedEnvironment:
        """A copy in which one resource is otherwise: for tests that want an assertion to fail.

        Args:
            resource: The one to change.
            properties: Replace those of the same name; None as a value removes one.
            **attributes: The same beside the properties: ``DeletionPolicy="Delete"``.
        """
        templates = copy.deepcopy(dict(self.templates))
        definition: dict[str, Any] = templates[resource.stack]["Resources"][resource.logical_id]
        _merge(definition.setdefault("Properties", {}), properties or {})
        _merge(definition, attributes)
        return RenderedEnvironment(environment=self.environment, templates=templates)

    def _parts(self, kind: str | None, name: str | None) -> Iterator[Part]:
        kinds = [item.name for item in list_kinds()]
        if kind is not None and kind not in kinds:
            raise LookupError(f"there is no kind {kind!r}; the kinds are {', '.join(kinds)}")
        found = [
            part
            for part in self.service.parts
            if (kind is None or part.kind == kind) and (name is None or part.name == name)
        ]
        if name is not None and not found:
            known = ", ".join(part.label for part in self.service.parts if kind is None or part.kind == kind)
            raise LookupError(f"there is no {kind or 'part'} {name!r}; there are {known or 'none'}")
        return iter(found)


def _identity(part: Part | None) -> tuple[str, str]:
    return (part.kind, part.name) if part else ("", "")


def _fits(found: str, asked: str) -> bool:
    return found == asked or (asked.endswith("::") and found.startswith(asked))


def _begins(logical_id: str, stem: str) -> bool:
    """``ApiFunction`` begins with ``Api``, ``Apiary`` does not."""
    rest = logical_id[len(stem) :]
    return logical_id.startswith(stem) and not rest[:1].islower()


def _prefers(part: Part, resource: Resource) -> bool:
    """A function and the HTTP API may have the same logical id: API Gateway's resources are the latter's."""
    return (isinstance(part, HttpApi)) == (
        resource.type.startswith(_OF_HTTP_API) and resource.type != f"{_OF_HTTP_API}Integration"
    )


def _merge(target: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value
