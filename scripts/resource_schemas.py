"""``scripts/schemas refresh|write|check``: CloudFormation's resource schemas, for what the embedded AWS refuses.

AWS publishes a schema for every resource type (CloudFormation CLI user guide, "Resource type schema"); cfn-lint, which
is locked, carries all of them with the day on which they were published. Taken are the types that the embedded AWS
makes, without what says nothing of values (descriptions, permissions) and without cfn-lint's own additions that
CloudFormation's meta-schema does not know. Enumerations that cfn-lint adds from the services' models stay: the service
refuses the same value.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import UTC, date, datetime
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from tapgen.local.extension.cloudformation.properties import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Schema = dict[str, Any]

EXTENSION = Path(__file__).parents[1] / "tapgen" / "local" / "extension"
MAX_AGE_DAYS = 183
"""A schema gains a property or a value every few months; a refusal of what is new since then would be wrong."""

_DATA = "cfnlint.data.schemas"
_REGION = "us-east-1"
"""The region that has every type first."""

_BY_NAME = ("properties", "definitions", "patternProperties")
_ONE = ("items", "additionalItems", "additionalProperties", "contains", "propertyNames")
_ANY_OF = ("allOf", "anyOf", "oneOf")
_VALUES = {
    *("$ref", "type", "enum", "const", "required", "dependencies", "minProperties", "maxProperties"),
    *("minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
"""Draft 7's keywords that CloudFormation's meta-schema takes, besides those that hold other schemas."""
_OF_TYPE = ("readOnlyProperties", "createOnlyProperties", "primaryIdentifier")


def made_types() -> set[str]:
    """The resource types that the embedded AWS makes: MiniStack's and those that the extension names."""
    from ministack.services.cloudformation import provisioners

    texts = (path.read_text(encoding="utf-8") for path in EXTENSION.rglob("*.py"))
    named = {name for text in texts for name in re.findall(r'"(AWS::\w+::\w+)"', text)}
    return named | set(provisioners._RESOURCE_HANDLERS)  # noqa: SLF001 - the list of what it makes


def write_extract() -> str:
    """The committed file: a line that says where it comes from, then one schema a line."""
    data = resources.files(_DATA)
    index = json.loads(data.joinpath("providers", f"{_REGION}.json").read_text(encoding="utf-8"))
    published = json.loads(data.joinpath("version.json").read_text(encoding="utf-8"))["schema_date"]
    source = {"published": published[:10], "cfn-lint": version("cfn-lint")}
    lines = [json.dumps(source)]
    for name in sorted(made_types() & index.keys()):
        schema = json.loads(data.joinpath("resources", f"{index[name]}.json").read_text(encoding="utf-8"))
        lines.append(schemas.PREFIX + json.dumps(name) + "," + _compact(_reduce_type(schema))[1:])
    return "".join(line + "\n" for line in lines)


def find_fault(text: str, *, wanted: str, today: date) -> str:
    """Why the committed file cannot stay; empty when it can."""
    if text != wanted:
        return f"{schemas.FILE.name} is not what the locked cfn-lint says"
    published = json.loads(text.partition("\n")[0])["published"]
    age_days = (today - date.fromisoformat(published)).days
    if age_days > MAX_AGE_DAYS:
        return f"the resource schemas were published {age_days} days ago, on {published}"
    return ""


def reduce(schema: Any) -> Any:
    """A schema with nothing but what CloudFormation holds values to."""
    if isinstance(schema, list):
        return [reduce(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # A condition is cfn-lint's own: CloudFormation's meta-schema has none.
    return {} if "if" in schema else dict(_kept(schema))


def main() -> int:
    """Do one of the two; 1 when the file is old or not cfn-lint's."""
    parser = argparse.ArgumentParser(prog="scripts/schemas", description=__doc__)
    parser.add_argument("action", choices=["write", "check"], help="write the file anew, or refuse an old one")
    action, wanted = parser.parse_args().action, write_extract()
    if action == "write":
        schemas.FILE.write_text(wanted, encoding="utf-8")
        print(f"{wanted.partition(chr(10))[0]}: {wanted.count(chr(10)) - 1} types", file=sys.stderr)
        return 0
    text = schemas.FILE.read_text(encoding="utf-8") if schemas.FILE.exists() else ""
    fault = find_fault(text, wanted=wanted, today=datetime.now(UTC).date())
    if fault:
        print(f"{fault}; next: scripts/schemas refresh", file=sys.stderr)
    return int(bool(fault))


def _reduce_type(schema: Schema) -> Schema:
    return {**reduce(schema), **{key: schema[key] for key in _OF_TYPE if schema.get(key)}}


def _kept(schema: Schema) -> Iterator[tuple[str, Any]]:
    for key, value in schema.items():
        if key in _BY_NAME:
            yield key, {name: reduce(each) for name, each in value.items()}
        elif key in _ONE:
            yield key, reduce(value)
        elif key in _ANY_OF:
            yield from _kept_branches(key, [reduce(each) for each in value])
        elif key == "pattern":
            yield from _kept_pattern(value)
        elif key in _VALUES:
            yield key, value


def _kept_branches(key: str, branches: list[Schema]) -> Iterator[tuple[str, list[Schema]]]:
    """The branches, unless one of those that a value may choose says nothing any more."""
    left = [each for each in branches if each]
    if left and (key == "allOf" or len(left) == len(branches)):
        yield key, left


def _kept_pattern(pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern as JSON Schema has it: these are Java's; one that cannot be said here is left out."""
    translated = pattern.replace("\\Z", "$")
    try:
        jsonschema_rs.Draft7Validator({"pattern": translated})
    except (ValueError, jsonschema_rs.ValidationError):
        print(f"left out, since it is no ECMA-262 pattern: {pattern}", file=sys.stderr)
        return
    yield "pattern", translated


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
