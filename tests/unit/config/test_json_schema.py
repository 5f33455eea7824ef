"""The committed JSON Schema is the schema that validates, and the project's own file follows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

import tapgen.config
from tapgen.config.json_schema import build_json_schema
from tapgen.elements.retention import LOG_RETENTION_DAYS
from tapgen.service.load import load_service

_COMMITTED = Path(tapgen.config.__path__[0]) / "environments.schema.json"
_PROJECT_FILE = Path(__file__).parents[3] / "config" / "environments.yaml"
SERVICE = load_service(_PROJECT_FILE.parent)


def _objects(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"(top)": schema, **schema["$defs"]}


def _unknown_keys(value: Any, node: dict[str, Any], schema: dict[str, Any], path: str = "") -> list[str]:
    """Keys of a document that a schema node does not allow; an array or alternative is followed to its object."""
    if isinstance(value, list):
        return [key for item in value for key in _unknown_keys(item, node.get("items", {}), schema, f"{path}[]")]
    if not isinstance(value, dict):
        return []
    alternatives = [node, *node.get("anyOf", [])]
    reference = next((item["$ref"] for item in alternatives if "$ref" in item), None)
    target = schema["$defs"][reference.rpartition("/")[2]] if reference else node
    found = []
    for key, item in value.items():
        below = target["properties"].get(key) if "properties" in target else None
        below = target.get("additionalProperties") if below is None else below
        if isinstance(below, dict):
            found += _unknown_keys(item, below, schema, f"{path}.{key}")
        else:
            found.append(f"{path}.{key}")
    return found


def test_the_committed_schema_is_up_to_date() -> None:
    """`tapgen config schema > tapgen/config/environments.schema.json` renews it."""
    assert json.loads(_COMMITTED.read_text(encoding="utf-8")) == build_json_schema(SERVICE)


def test_the_projects_file_names_the_schema_and_uses_known_keys_alone() -> None:
    """An editor that follows the first line completes from the schema, and marks nothing in the file."""
    text = _PROJECT_FILE.read_text(encoding="utf-8")
    named = text.splitlines()[0].partition("$schema=")[2]

    assert (_PROJECT_FILE.parent / named).resolve() == _COMMITTED.resolve()
    schema = build_json_schema(SERVICE)
    assert _unknown_keys(yaml.safe_load(text), schema, schema) == []


def test_a_misspelt_key_is_none_that_the_schema_knows() -> None:
    """The walk above can fail: keys are refused at every depth."""
    schema = build_json_schema(SERVICE)
    document = {
        "defaults": {"api": {"cors": {"origins": []}}},
        "environments": {"dev": {"functions": {"x": {}}}},
        "y": 1,
    }

    assert _unknown_keys(document, schema, schema) == [
        ".defaults.api.cors.origins",
        ".environments.dev.functions.x",
        ".y",
    ]


def test_every_object_refuses_unknown_keys() -> None:
    """A typo never passes, wherever it stands."""
    assert all(
        definition["additionalProperties"] is False for definition in _objects(build_json_schema(SERVICE)).values()
    )


def test_nothing_is_required_below_the_top_but_in_members_of_lists() -> None:
    """The other section may give any key; a list is replaced as a whole, so that its members are complete."""
    required = {
        name: item["required"] for name, item in _objects(build_json_schema(SERVICE)).items() if "required" in item
    }

    assert required == {
        "(top)": ["environments"],
        "BurnRateSection": ["long_min", "short_min", "factor", "severity"],
        "EndpointSection": ["protocol", "endpoint"],
    }


def test_every_setting_is_described() -> None:
    """Editors show the description; it is the setting's docstring."""
    bare = [
        f"{name}.{setting}"
        for name, definition in _objects(build_json_schema(SERVICE)).items()
        for setting, item in definition["properties"].items()
        if not item.get("description")
    ]

    assert bare == []


def test_what_tapgen_sets_is_not_offered() -> None:
    """Name, suffix and configured region come from the key and the command line."""
    offered = build_json_schema(SERVICE)["$defs"]["EnvironmentSection"]["properties"]

    assert not {"name", "suffix", "configured_region"} & offered.keys()
    assert "function" in offered


def test_retentions_are_offered_by_value() -> None:
    """CloudWatch Logs takes a handful of values; an editor lists them."""
    function = build_json_schema(SERVICE)["$defs"]["FunctionSection"]["properties"]

    assert function["log_retention_days"]["enum"] == list(LOG_RETENTION_DAYS)
