"""A rule: what must hold in the templates of every service, whatever its parts, and where it does not.

A rule judges finished templates by what the configuration and the service ask for. It never asks the code that made
them: a rule that shared a mistake with that code would find nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tapgen.elements.templates import Resource, Templates

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["error", "warning"]
"""An error keeps the templates from being rendered; a warning is told by ``tapgen validate``."""

Found = Iterator[tuple[Resource | str, str]]
"""(where, what is wrong): a resource, or ``<stack>.<section>`` of what is no resource."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; its id is stable, since configurations name it."""

    id: str
    """Kebab-case: ``stream-position``."""
    holds: str
    """What must hold, one sentence."""
    why: str
    """What happens where it does not."""
    source: str
    """Who says so: a guide of AWS with its chapter, or a page of tapgen's documentation."""
    fix: str = ""
    """What to do, in the imperative, where ``holds`` does not tell."""
    severity: Severity = "error"
    find: Callable[[Templates], Found]
    """Answers where it does not hold; must bear templates that lack any property."""


def differences(resource: Resource, wanted: Mapping[str, Any]) -> Found:
    """The properties that are not as they are wanted.

    Args:
        resource: Of a template.
        wanted: Dotted path of a property → its value; None where it must be left out.
    """
    for path, value in wanted.items():
        found = resource.get(path)
        if not same(found, value):
            yield resource, f"{path} is {show(found)}; {show(value)} is asked for"


def same(one: Any, other: Any) -> bool:
    """Whether CloudFormation reads two values alike: it takes ``true`` and ``300`` as text, too."""
    return bool(_plain(one) == _plain(other))


def is_true(value: Any) -> bool:
    """Whether CloudFormation reads the value as true."""
    return value is True or value == "true"


def listed(value: Any) -> list[Any]:
    """A list as it is, a single value as a list of one, nothing as an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def mapping(value: Any) -> dict[str, Any]:
    """A mapping as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def show(value: Any) -> str:
    """A value in a message."""
    return "left out" if value is None else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.10g}"
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
