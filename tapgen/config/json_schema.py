"""The JSON Schema of the configuration *file*, for editors; derived from the schema of a resolved environment.

In the file any key may be left out of a section, since the other section can give it, so nothing is required below the
top; only the members of a list are whole. ``function`` holds what every function shares. Descriptions are the settings'
docstrings, read from the source here so that a command that only validates does not pay for them.
"""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from tapgen.config import alarm_schema, schema
from tapgen.config.defaults import SETTINGS
from tapgen.config.explanations import RESERVED
from tapgen.config.merge import DEFAULTS, ENVIRONMENTS, PROJECT
from tapgen.config.sections import build_schema, schema_modules
from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.service.model import Model

_ENVIRONMENT = "EnvironmentSection"
_LISTED = {"BurnRateSection", "EndpointSection"}


def build_json_schema(service: Model) -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of the ``config/environments.yaml`` of a service."""
    environment = build_schema(service).model_json_schema()
    definitions: dict[str, Any] = {**environment.pop("$defs"), _ENVIRONMENT: environment}
    for (section, setting), text in _setting_docs():
        if section in definitions:
            definitions[section]["properties"][setting]["description"] = text
    for name in RESERVED:
        environment["properties"].pop(name)
    environment["properties"][SETTINGS]["description"] = "The service's own settings."
    for kind in list_kinds():
        if kind.section:
            environment["properties"][kind.section]["description"] = f"Settings of one {kind.name} each, by its name."
            environment["properties"][kind.shared] = {
                "$ref": f"#/$defs/{kind.require('schema').SCHEMA.__name__}",
                "description": f"Settings of every {kind.name}; {kind.section}.<name> overrides them for one.",
            }
    for kind in list_kinds():
        for name, item in definitions.get(f"{kind.section.title()}Section", {}).get("properties", {}).items():
            item["description"] = f"Settings of the {name} {kind.name}, over those of `{kind.shared}`."
    for own in service.settings:
        definitions["OwnSettingsSection"]["properties"][own.name]["description"] = own.description
    reference = {"$ref": f"#/$defs/{_ENVIRONMENT}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tapgen environments",
        "type": "object",
        "additionalProperties": False,
        "required": [ENVIRONMENTS],
        "properties": {
            PROJECT: {**TypeAdapter(schema.Name).json_schema(), "description": "First part of every name."},
            DEFAULTS: {**reference, "description": "Merged under every environment."},
            ENVIRONMENTS: {
                "type": "object",
                "description": "Environments by name.",
                "minProperties": 1,
                "propertyNames": TypeAdapter(schema.Name).json_schema(),
                "additionalProperties": reference,
            },
        },
        "$defs": {
            name: _plain(definition) if name in _LISTED else _optional(definition)
            for name, definition in sorted(definitions.items())
        },
    }


def _optional(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with no key required: the other section of the file may give it."""
    return {key: value for key, value in _plain(definition).items() if key != "required"}


def _plain(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without generated titles, and without defaults, which the other section may have replaced."""
    properties = {
        name: {key: value for key, value in item.items() if key not in ("title", "default")}
        for name, item in definition.get("properties", {}).items()
    }
    return {key: value for key, value in definition.items() if key != "title"} | {"properties": properties}


def _setting_docs() -> Iterator[tuple[tuple[str, str], str]]:
    """``((class, attribute), docstring)``: the string below an annotated attribute."""
    nodes = [
        node
        for module in (schema, alarm_schema, *schema_modules())
        for node in ast.parse(inspect.getsource(module)).body
    ]
    for node in nodes:
        if not isinstance(node, ast.ClassDef):
            continue
        for setting, below in zip(node.body, node.body[1:], strict=False):
            if isinstance(setting, ast.AnnAssign) and isinstance(setting.target, ast.Name):
                match below:
                    case ast.Expr(value=ast.Constant(value=str() as text)):
                        yield (node.name, setting.target.id), text
