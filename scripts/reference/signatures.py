"""A call of the vocabulary with its parameters, from its annotations and docstring. Knows no kind."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a call."""

    name: str
    named: bool
    """Whether it must be given by its name."""
    default: str
    """As written; empty where the call needs it."""
    text: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function, method or property of the vocabulary."""

    name: str
    summary: str
    """First paragraph of its docstring, in one line."""
    parameters: tuple[Parameter, ...]

    def render(self, owner: str = "") -> str:
        """``service.table(name, *, partition_key, sort_key=None, …)``."""
        shown: list[str] = []
        for item in self.parameters:
            if item.named and "*" not in shown and not any(word.startswith("*") for word in shown):
                shown.append("*")
            shown.append(f"{item.name}={item.default}" if item.default else item.name)
        name = f"{owner}.{self.name}" if owner else self.name
        return f"{name}({', '.join(shown)})"


def list_calls(owner: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods of a class by name, those of its bases first."""
    for one in reversed(owner.__mro__):
        for name, item in vars(one).items():
            if inspect.isfunction(item) and not name.startswith("_"):
                yield name, item


def read_call(function: Callable[..., Any], name: str) -> Call:
    """A call from its source."""
    documented = read_args(function)
    return Call(
        name=name,
        summary=read_summary(function),
        parameters=tuple(
            Parameter(
                name=f"{_STARS.get(item.kind, '')}{item.name}",
                named=item.kind is item.KEYWORD_ONLY,
                default="" if item.default is item.empty else repr(item.default).replace("'", '"'),
                text=documented.get(item.name, ""),
            )
            for item in inspect.signature(function).parameters.values()
            if item.name != "self"
        ),
    )


def read_summary(thing: Any) -> str:
    """The first paragraph of a docstring in one line of Markdown."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()).replace("``", "`")


def read_args(function: Callable[..., Any]) -> dict[str, str]:
    """Parameter → text of the section ``Args``."""
    _, _, section = (inspect.getdoc(function) or "").partition("Args:\n")
    lines = textwrap.dedent(section.split("\n\n")[0]).splitlines()
    found: dict[str, str] = {}
    last = ""
    for line in lines:
        name, colon, text = line.partition(": ")
        if colon and not line.startswith(" "):
            last = name.strip("*")
            found[last] = text
        elif last:
            found[last] += f" {line.strip()}"
    return found
