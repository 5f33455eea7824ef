"""Answers of AWS as a later release of it may send them, made of botocore's output shapes.

Each mutation changes one place of one answer: a field that no model knows, a value that its enumeration does not have,
every other value that it has, a member that AWS may leave out, and one that was left out and may be there.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen.aws.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import Shape

UNKNOWN = "VALUE_OF_A_LATER_RELEASE"
_DEEPEST = 6
_LONGEST = 3


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One change.

    Attributes:
        label: For people: ``without .Stacks[0].StackStatus``.
        apply: Changes an answer in place.
    """

    label: str
    apply: Callable[[dict[str, Any]], None]


def mutations(answer: dict[str, Any], shape: Shape | None) -> Iterator[Mutation]:
    """Every mutation of an answer."""
    if shape is not None:
        yield from _of_structure(answer, shape, ())


def mutated(answer: dict[str, Any], mutation: Mutation) -> dict[str, Any]:
    """A changed copy."""
    changed = copy.deepcopy(answer)
    mutation.apply(changed)
    return changed


Path = tuple[Any, ...]


def _of_structure(value: dict[str, Any], shape: Any, path: Path) -> Iterator[Mutation]:
    if len(path) > _DEEPEST:
        return
    yield _setting((*path, "MemberOfALaterRelease"), Answer({"Deeper": [UNKNOWN]}), "with")
    for name, member in shape.members.items():
        if name not in value:
            sample = _sample(member, 0)
            if sample is not None:
                yield _setting((*path, name), sample, "with")
            continue
        yield _removing((*path, name))
        yield from _of_value(value[name], member, (*path, name))


def _of_value(value: Any, shape: Any, path: Path) -> Iterator[Mutation]:
    if shape.type_name == "structure" and isinstance(value, dict):
        yield from _of_structure(value, shape, path)
    elif shape.type_name == "list" and isinstance(value, list):
        yield _setting(path, [], "empty")
        for index, item in list(enumerate(value))[:_LONGEST]:
            yield from _of_value(item, shape.member, (*path, index))
    elif shape.type_name == "map" and isinstance(value, dict):
        yield _setting(path, Answer(), "empty")
        for key, item in list(value.items())[:_LONGEST]:
            yield from _of_value(item, shape.value, (*path, key))
    elif shape.type_name == "string":
        for other in (UNKNOWN, *shape.enum) if shape.enum else ():
            if other != value:
                yield _setting(path, other, f"{other} as")


def _sample(shape: Any, depth: int) -> Any:
    """A value of a shape; None where it is too deep, or a stream."""
    if depth > 2:
        return None
    if shape.type_name == "structure":
        members = {name: _sample(member, depth + 1) for name, member in shape.members.items()}
        return Answer({name: value for name, value in members.items() if value is not None})
    if shape.type_name == "list":
        item = _sample(shape.member, depth + 1)
        return [] if item is None else [item]
    if shape.type_name == "string" and shape.enum:
        return UNKNOWN
    return {
        "string": "text",
        "boolean": True,
        "integer": 1,
        "long": 1,
        "float": 1.5,
        "double": 1.5,
        "timestamp": datetime(2026, 11, 29, tzinfo=UTC),
        "map": Answer(),
    }.get(shape.type_name)


def _setting(path: Path, value: Any, how: str) -> Mutation:
    def apply(answer: dict[str, Any]) -> None:
        _parent(answer, path)[path[-1]] = copy.deepcopy(value)

    return Mutation(label=f"{how} {_text(path)}", apply=apply)


def _removing(path: Path) -> Mutation:
    def apply(answer: dict[str, Any]) -> None:
        del _parent(answer, path)[path[-1]]

    return Mutation(label=f"without {_text(path)}", apply=apply)


def _parent(answer: Any, path: Path) -> Any:
    for step in path[:-1]:
        answer = answer[step]
    return answer


def _text(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
