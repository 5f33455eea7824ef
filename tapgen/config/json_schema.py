"""The JSON Schema of the configuration *file*, for editors; derived from the schema of a resolved environment.

In the file any key may be left out of a section, since the other section can give it, so nothing is required below the
top. ``function`` holds what every function shares.
"""

from __future__ import annotations

import copy
from typing import Any

from tapgen.config.schema import EnvironmentSection, FunctionSection

_SET_BY_LOADER = ("name", "suffix", "configured_region")


def build_json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of ``config/environments.yaml``."""
    environment = EnvironmentSection.model_json_schema()
    definitions: dict[str, Any] = environment.pop("$defs")
    definitions["FunctionSection"] = FunctionSection.model_json_schema()
    for name in _SET_BY_LOADER:
        environment["properties"].pop(name)
    environment["properties"]["function"] = {
        "$ref": "#/$defs/FunctionSection",
        "description": "Settings of every function; functions.<name> overrides them for one.",
    }
    definitions["EnvironmentSection"] = environment
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tapgen environments",
        "type": "object",
        "additionalProperties": False,
        "required": ["environments"],
        "properties": {
            "defaults": {"$ref": "#/$defs/EnvironmentSection", "description": "Merged under every environment."},
            "environments": {
                "type": "object",
                "description": "Environments by name.",
                "minProperties": 1,
                "additionalProperties": {"$ref": "#/$defs/EnvironmentSection"},
            },
        },
        "$defs": {name: _optional(definition) for name, definition in sorted(definitions.items())},
    }


def _optional(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with no key required: the other section of the file may give it."""
    relaxed = copy.deepcopy(definition)
    relaxed.pop("required", None)
    return relaxed
