"""The schema of an environment of one service: the settings that all share, and a section for each kind of part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import create_model

from tapgen.config.defaults import SETTINGS, names_of
from tapgen.config.schema import EnvironmentSection
from tapgen.elements.section import Section
from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from types import ModuleType

    from tapgen.parts.registry import Kind
    from tapgen.service.model import Model


def build_schema(model: Model) -> type[EnvironmentSection]:
    """The environment's schema with the parts of a service."""
    fields: dict[str, Any] = {
        kind.section: (_parts_section(kind, names_of(model, kind)), ...) for kind in list_kinds() if kind.section
    }
    own = {setting.name: (type(setting.default), ...) for setting in model.settings}
    fields[SETTINGS] = (create_model("OwnSettingsSection", __base__=Section, **own), ...)  # type: ignore[call-overload]  # fields by name
    return create_model("EnvironmentSection", __base__=EnvironmentSection, **fields)


def schema_modules() -> tuple[ModuleType, ...]:
    """The modules that hold the kinds' sections, for their descriptions."""
    return tuple(kind.require("schema") for kind in list_kinds() if kind.section)


def _parts_section(kind: Kind, names: tuple[str, ...]) -> type[Section]:
    schema = kind.require("schema").SCHEMA
    fields: dict[str, Any] = dict.fromkeys(names, (schema, ...))
    made: type[Section] = create_model(f"{kind.section.title()}Section", __base__=Section, **fields)
    return made
