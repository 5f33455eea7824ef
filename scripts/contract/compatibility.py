"""Which changes of an OpenAPI document break somebody who relied on the one before. Pure.

What callers send may only be taken more widely; what they get may only be promised more narrowly. So a schema is
compared in one of two directions, and a difference is fine in one and a breakage in the other. A keyword that this
module does not know counts as breaking when it changes: silence would be a promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]

_METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")
# What says nothing about what is valid.
_WORDS = {"default", "description", "example", "examples", "title", "$comment", "deprecated", "format"}
# A larger value is wider, or a smaller one.
_UPPER = ("maximum", "maxItems", "maxLength", "maxProperties")
_LOWER = ("minimum", "minItems", "minLength", "minProperties")
_PARTS = {"type", "enum", "properties", "required", "items", "additionalProperties", "propertyNames", "anyOf"}


def find_breaking_changes(before: Node, after: Node) -> list[str]:
    """One line for each, with its place; empty when callers of the old document can live with the new one."""
    return list(_Comparison(before, after).paths())


class _Comparison:
    def __init__(self, before: Node, after: Node) -> None:
        self._before = before
        self._after = after

    def paths(self) -> Iterator[str]:
        for path, item in self._before["paths"].items():
            new_item = self._after["paths"].get(path)
            if new_item is None:
                yield f"{path}: is gone"
                continue
            for method in _METHODS:
                if method in item and method not in new_item:
                    yield f"{method.upper()} {path}: is gone"
                elif method in item:
                    yield from self._operation(f"{method.upper()} {path}", (item, new_item), method)

    def _operation(self, place: str, items: tuple[Node, Node], method: str) -> Iterator[str]:
        old, new = (item[method] for item in items)
        yield from self._parameters(place, *(_parameters(item, method) for item in items))
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(place, old["responses"], new["responses"])
        if new.get("security") and new["security"] != old.get("security"):
            yield f"{place}: asks for other credentials"

    def _parameters(self, place: str, old: dict[str, Node], new: dict[str, Node]) -> Iterator[str]:
        for name, parameter in new.items():
            if parameter.get("required") and not old.get(name, {}).get("required"):
                yield f"{place}: {name} is required"
        for name, parameter in old.items():
            if name not in new:
                yield f"{place}: {name} is gone"
            else:
                yield from self._taken(f"{place}: {name}", parameter["schema"], new[name]["schema"])

    def _body(self, place: str, old: Node | None, new: Node | None) -> Iterator[str]:
        if new and new.get("required") and not (old and old.get("required")):
            yield f"{place}: a body is required"
        for media, content in (old or {}).get("content", {}).items():
            found = (new or {}).get("content", {}).get(media)
            if found is None:
                yield f"{place}: takes no {media} any more"
            else:
                yield from self._taken(f"{place}: body", content["schema"], found["schema"])

    def _responses(self, place: str, old: Node, new: Node) -> Iterator[str]:
        for status, answer in new.items():
            if status not in old and status.startswith("2"):
                yield f"{place}: may answer {status}"
            for name in old.get(status, {}).get("headers", {}).keys() - answer.get("headers", {}).keys():
                yield f"{place}: {status} has no {name} any more"
        for status, answer in old.items():
            if status not in new:
                if status.startswith("2"):
                    yield f"{place}: never answers {status} any more"
                continue
            for media, content in answer.get("content", {}).items():
                found = new[status].get("content", {}).get(media)
                if found is None:
                    yield f"{place}: {status} is not {media} any more"
                else:
                    yield from self._given(f"{place}: {status}", content["schema"], found["schema"])

    def _taken(self, place: str, old: Node, new: Node) -> Iterator[str]:
        """Whatever the old schema took must be taken still."""
        yield from _Direction(self._before, self._after, "refused").compare(place, old, new)

    def _given(self, place: str, old: Node, new: Node) -> Iterator[str]:
        """Whatever the new schema gives must have been expected: the same, the other way round."""
        yield from _Direction(self._after, self._before, "new").compare(place, new, old)


class _Direction:
    """Everything that ``inner`` allows must be allowed by ``outer``.

    Args:
        inner: The document that ``inner`` schemas belong to.
        outer: The document of ``outer`` ones.
        verdict: What a value that only the inner schema allows is for the caller.
    """

    def __init__(self, inner: Node, outer: Node, verdict: str) -> None:
        self._documents = (inner, outer)
        self._verdict = verdict

    def compare(self, place: str, inner: Any, outer: Any) -> Iterator[str]:
        """Schemas may be true, which allows everything, and false, which allows nothing."""
        if inner is False or (inner == outer and _is_plain(inner)):
            return
        if outer is False:
            yield f"{place}: is {self._verdict}"
            return
        inner, outer = (
            {} if schema is True else _resolve(schema, document)
            for schema, document in zip((inner, outer), self._documents, strict=True)
        )
        yield from self._values(place, inner, outer)
        yield from self._bounds(place, inner, outer)
        yield from self._properties(place, inner, outer)
        yield from self._nested(place, inner, outer)
        for name in sorted((inner.keys() | outer.keys()) - _WORDS - _PARTS - {*_UPPER, *_LOWER}):
            if name in outer and inner.get(name) != outer[name]:
                yield f"{place}: some values are {self._verdict} ({name})"

    def _values(self, place: str, inner: Node, outer: Node) -> Iterator[str]:
        for name in sorted(_types(inner) - _types(outer)):
            yield f"{place}: {name} is {self._verdict}"
        if "enum" in outer and "enum" not in inner:
            yield f"{place}: other values are {self._verdict}"
        for value in inner.get("enum", ()):
            if value not in outer.get("enum", (value,)):
                yield f"{place}: {value!r} is {self._verdict}"

    def _bounds(self, place: str, inner: Node, outer: Node) -> Iterator[str]:
        for names, sign in ((_UPPER, 1), (_LOWER, -1)):
            for name in names:
                if name in outer and (name not in inner or sign * (inner[name] - outer[name]) > 0):
                    yield f"{place}: some values are {self._verdict} ({name})"

    def _properties(self, place: str, inner: Node, outer: Node) -> Iterator[str]:
        for name in sorted(set(outer.get("required", ())) - set(inner.get("required", ()))):
            yield f"{place}.{name}: a document without it is {self._verdict}"
        others = outer.get("additionalProperties", True)
        for name, schema in inner.get("properties", {}).items():
            yield from self.compare(f"{place}.{name}", schema, outer.get("properties", {}).get(name, others))
        rest = inner.get("additionalProperties", True)
        for name in outer.get("properties", {}).keys() - inner.get("properties", {}).keys():
            if rest is not False:
                yield from self.compare(f"{place}.{name}", rest, outer["properties"][name])
        yield from self.compare(f"{place}.*", rest, others)

    def _nested(self, place: str, inner: Node, outer: Node) -> Iterator[str]:
        for name in ("items", "propertyNames"):
            if name in inner or name in outer:
                yield from self.compare(f"{place}[]", inner.get(name, True), outer.get(name, True))
        if "anyOf" in outer:
            for number, branch in enumerate(inner.get("anyOf", [True])):
                if not any(not list(self.compare(place, branch, other)) for other in outer["anyOf"]):
                    yield f"{place}: some values are {self._verdict} (anyOf {number})"


def _parameters(item: Node, method: str) -> dict[str, Node]:
    found = [*item.get("parameters", ()), *item[method].get("parameters", ())]
    return {f"{parameter['in']} {parameter['name']}": parameter for parameter in found}


def _resolve(schema: Node, document: Node) -> Node:
    while "$ref" in schema:
        node: Any = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            node = node[name]
        schema = node
    return schema


def _is_plain(schema: Any) -> bool:
    """True when equal schemas allow the same: a reference may lead to another place in each document."""
    return "$ref" not in str(schema)


def _types(schema: Node) -> set[str]:
    found = schema.get("type", ["array", "boolean", "null", "number", "object", "string"])
    names = {found} if isinstance(found, str) else set(found)
    return names | {"integer"} if "number" in names else names
