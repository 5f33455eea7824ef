"""A table has the keys and indexes that the service gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, listed, show
from tapgen.parts.made import made
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.elements.templates import Templates
    from tapgen.parts.table.model import Index, Key

_GLOBAL, _LOCAL = "GlobalSecondaryIndexes", "LocalSecondaryIndexes"


def _find(templates: Templates) -> Found:
    for part, table in made(templates, Table, "AWS::DynamoDB::Table", name_property="TableName"):
        found: dict[str, Any] = {
            "keys": _schema(table.get("KeySchema")),
            "attributes": _attributes(table.get("AttributeDefinitions")),
        }
        wanted: dict[str, Any] = {
            "keys": _keys(part.partition_key, part.sort_key),
            "attributes": sorted({(key.name, key.type) for key in part.keys}),
        }
        for name in (_GLOBAL, _LOCAL):
            found[name] = dict(_indexes(table.get(name)))
            wanted[name] = dict(_wanted(index for index in part.indexes if index.local == (name == _LOCAL)))
        for what, value in wanted.items():
            if found[what] != value:
                yield table, f"{what} are {show(found[what])}; the service says {show(value)}"


def _keys(partition: Key, sort: Key | None) -> list[tuple[Any, Any]]:
    return [(partition.name, "HASH"), *([(sort.name, "RANGE")] if sort else [])]


def _schema(found: Any) -> list[tuple[Any, Any]]:
    return [(item.get("AttributeName"), item.get("KeyType")) for item in listed(found)]


def _attributes(found: Any) -> list[tuple[str, str]]:
    return sorted((str(item.get("AttributeName")), str(item.get("AttributeType"))) for item in listed(found))


def _indexes(found: Any) -> Iterator[tuple[str, Any]]:
    for item in listed(found):
        projection = item.get("Projection", {})
        held = (projection.get("ProjectionType"), sorted(listed(projection.get("NonKeyAttributes"))))
        yield str(item.get("IndexName")), (_schema(item.get("KeySchema")), held)


def _wanted(indexes: Iterable[Index]) -> Iterator[tuple[str, Any]]:
    for index in indexes:
        whole = index.attributes is None
        held = ("ALL", []) if whole else ("INCLUDE", sorted(index.attributes or ()))
        yield index.name, (_keys(index.partition_key, index.sort_key), held)


RULE = Rule(
    id="table-keys",
    holds="A table has the keys and the indexes that the service gives it, each index with what it holds.",
    why="Another key replaces the table; a query finds nothing where its index is missing or holds less.",
    source="CloudFormation user guide, AWS::DynamoDB::Table, KeySchema and GlobalSecondaryIndexes",
    find=_find,
)
