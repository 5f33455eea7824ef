"""The published schema of each resource type, compiled when a type is met for the first time.

The file is written by ``scripts/schemas`` and read only here. A type that it does not hold is not validated.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

FILE = Path(__file__).with_name("schemas.jsonl")
"""A line that says where the schemas come from, then one schema a line."""

PREFIX = '{"typeName":'
"""What a line with a schema begins with, so that its type is known before it is parsed."""

_log = logging.getLogger(__name__)
_NAMED = re.compile(re.escape(PREFIX) + r'"([^"]+)"')

PropertyPath = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ResourceSchema:
    """What AWS publishes of a resource type.

    Attributes:
        validator: Its properties.
        read_only: Paths of properties that only AWS sets; ``*`` stands for every item.
        create_only: Properties that an update cannot change.
        identifier: Properties that identify a resource.
    """

    validator: jsonschema_rs.Draft7Validator
    read_only: tuple[PropertyPath, ...]
    create_only: tuple[str, ...]
    identifier: tuple[str, ...]


@functools.cache
def find(resource_type: str) -> ResourceSchema | None:
    """The schema of a type; None, which is logged once, where the file has none."""
    text = _lines().get(resource_type)
    if text is None:
        if resource_type.startswith("AWS::"):
            _log.warning(
                "the values of %s are not validated: its schema is not among those of this release", resource_type
            )
        return None
    schema: dict[str, Any] = json.loads(text)
    create_only = {path for path in map(_path, schema.get("createOnlyProperties", ())) if len(path) == 1}
    required = set(schema.get("required", ()))
    return ResourceSchema(
        validator=jsonschema_rs.Draft7Validator(schema, validate_formats=False),
        # A few types call a property read-only that they require or let be set once.
        read_only=tuple(
            path
            for path in map(_path, schema.get("readOnlyProperties", ()))
            if path not in create_only and path[0] not in required
        ),
        create_only=tuple(sorted(path[0] for path in create_only)),
        identifier=tuple(path[-1] for path in map(_path, schema.get("primaryIdentifier", ()))),
    )


def types() -> tuple[str, ...]:
    """Every type that has a schema."""
    return tuple(_lines())


@functools.cache
def _lines() -> dict[str, str]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return {match.group(1): line for line in lines if (match := _NAMED.match(line))}


def _path(pointer: str) -> PropertyPath:
    """``/properties/SnapStart/ApplyOn`` → ("SnapStart", "ApplyOn")."""
    return tuple(pointer.removeprefix("/properties/").replace("/properties/", "/").split("/"))
