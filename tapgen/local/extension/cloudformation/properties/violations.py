"""What of a resource's properties its type's schema refuses, in CloudFormation's words.

Sources: aws-cloudformation/cloudformation-resource-schema, ValidationException (which keywords are said without the
value), and its library org.everit.json.schema (the texts); CloudFormation user guide, "Validate stack deployments".
Values are taken as CloudFormation takes them: a number or a boolean may be written as text, and a text as a number.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import jsonschema_rs

    from tapgen.local.extension.cloudformation.properties.schemas import PropertyPath, ResourceSchema

    Path = tuple[str | int, ...]
    Error = jsonschema_rs.ValidationError


class Violation(NamedTuple):
    """One constraint that a value breaks.

    Attributes:
        path: Of the value, from the resource's properties.
        keyword: The schema's.
        text: CloudFormation's, without the path: ``required key [Event] not found``.
    """

    path: Path
    keyword: str
    text: str

    def __str__(self) -> str:
        """``#/Rules/0: required key [Status] not found``."""
        return f"{'/'.join(['#', *map(str, self.path)])}: {self.text}"


_TYPES = {
    "array": "JSONArray",
    "boolean": "Boolean",
    "integer": "Integer",
    "null": "Null",
    "number": "Number",
    "object": "JSONObject",
    "string": "String",
}
_BRANCHES = frozenset({"allOf", "anyOf", "oneOf"})
_WHOLE_VALUE = _BRANCHES | {"enum", "const", "uniqueItems", "contains"}
"""Keywords that look at everything below a value."""


def find_violations(
    schema: ResourceSchema, properties: Mapping[str, Any], *, pending: Iterable[Path] = ()
) -> list[Violation]:
    """Everything that is wrong with a resource's properties.

    Args:
        schema: Of its type.
        properties: Resolved; they are not changed.
        pending: Where a value is not known yet. What only that value could put right counts as right.
    """
    unknown = tuple(pending)
    found = [violation for error in _errors(schema, properties) for violation in _violations(error)]
    found += [
        Violation(path[:-1], "readOnly", f"extraneous key [{path[-1]}] is not permitted")
        for pattern in schema.read_only
        for path in _matches(properties, pattern)
    ]
    return [each for each in dict.fromkeys(found) if not _is_open(each, unknown)]


def _is_open(violation: Violation, pending: tuple[Path, ...]) -> bool:
    path = violation.path
    return any(
        path[: len(each)] == each or (violation.keyword in _WHOLE_VALUE and each[: len(path)] == path)
        for each in pending
    )


def _errors(schema: ResourceSchema, properties: Mapping[str, Any]) -> list[Error]:
    """What is wrong once every scalar has the type that the schema wants, where it can have it."""
    value = copy.deepcopy(dict(properties))
    while True:
        errors = list(schema.validator.iter_errors(value))
        converted = [_convert(value, error) for error in _leaves(errors)]
        if not any(converted):
            return errors


def _leaves(errors: Iterable[Error]) -> Iterator[Error]:
    """The errors, with those inside of branches that did not match."""
    for error in errors:
        yield error
        if error.kind.name in _BRANCHES:
            for branch in getattr(error.kind, "context", ()):
                yield from _leaves(branch)


def _convert(value: Any, error: Error) -> bool:
    """Give a scalar the type that the error asks for; whether that was possible."""
    if error.kind.name != "type" or not error.instance_path:
        return False
    *above, last = error.instance_path
    holder = value
    for step in above:
        holder = holder[step]
    for wanted in error.kind.as_dict()["types"]:
        convert = _CONVERSIONS.get(wanted)
        converted = convert(holder[last]) if convert else None
        if converted is not None:
            holder[last] = converted
            return True
    return False


def _boolean(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _string(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else None


_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "string": _string,
}


def _violations(error: Error) -> Iterator[Violation]:
    path, keyword = tuple(error.instance_path), error.kind.name
    for text in _texts(error):
        yield Violation(path, keyword, text)
    if keyword in _BRANCHES:
        for branch in getattr(error.kind, "context", ()):
            for inner in branch:
                yield from _violations(inner)


def _texts(error: Error) -> Iterator[str]:
    """What CloudFormation says of it; one text for each key that is too many."""
    keyword, details, value = error.kind.name, error.kind.as_dict(), error.instance
    if keyword == "additionalProperties":
        yield from (f"extraneous key [{name}] is not permitted" for name in details["unexpected"])
    elif keyword == "required":
        yield f"required key [{details['property']}] not found"
    elif keyword == "type":
        wanted = details["types"]
        expected = _TYPES.get(wanted[0], wanted[0])
        several = f"#: no subschema matched out of the total {len(wanted)} subschemas"
        yield f"expected type: {expected}, found: {_type_of(value)}" if len(wanted) == 1 else several
    elif keyword in _MEASURES:
        yield _MEASURES[keyword].format(
            limit=details["limit"], size=len(value) if isinstance(value, str | list | dict) else 0
        )
    elif keyword == "uniqueItems":
        yield _NOT_UNIQUE
    elif keyword in _BRANCHES:
        yield _branch_text(error)
    else:
        # The value may be a secret, so that AWS does not repeat it.
        yield f"failed validation constraint for keyword [{keyword}]"


_MEASURES = {
    "minLength": "expected minLength: {limit}, actual: {size}",
    "maxLength": "expected maxLength: {limit}, actual: {size}",
    "minItems": "expected minimum item count: {limit}, found: {size}",
    "maxItems": "expected maximum item count: {limit}, found: {size}",
    "minProperties": "minimum size: [{limit}], found: [{size}]",
    "maxProperties": "maximum size: [{limit}], found: [{size}]",
}
_NOT_UNIQUE = "array items are not unique"


def _branch_text(error: Error) -> str:
    branches = getattr(error.kind, "context", ())
    if error.kind.name == "anyOf":
        return f"#: no subschema matched out of the total {len(branches)} subschemas"
    matched = sum(not branch for branch in branches)
    return f"#: {matched} subschemas matched instead of one"


def _type_of(value: Any) -> str:
    if value is None:
        return _TYPES["null"]
    if isinstance(value, bool):
        return _TYPES["boolean"]
    kinds = ((str, "string"), (list, "array"), (dict, "object"), (int, "integer"), (float, "number"))
    return next((_TYPES[name] for kind, name in kinds if isinstance(value, kind)), type(value).__name__)


def _matches(value: Any, pattern: PropertyPath, *, above: Path = ()) -> Iterator[Path]:
    """Where a value has what a pattern names."""
    if not pattern:
        yield above
    elif pattern[0] == "*" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _matches(item, pattern[1:], above=(*above, number))
    elif isinstance(value, dict) and pattern[0] in value:
        yield from _matches(value[pattern[0]], pattern[1:], above=(*above, pattern[0]))
