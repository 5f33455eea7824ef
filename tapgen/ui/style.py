"""Colour and marks for the few words that carry them; the words alone must say the same."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODES = {"bad": "31;1", "warn": "33", "good": "32", "dim": "2", "strong": "1"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text and the style of the whole of it; whoever prints it colours it."""

    text: str
    style: str = ""


def paint(text: str, style: str, *, color: bool) -> str:
    """The text in a style: ``bad``, ``warn``, ``good``, ``dim`` or ``strong``; unchanged without colour."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if color and style else text


def style_of(status: str) -> str:
    """The style of a CloudFormation status."""
    if "FAILED" in status or "ROLLBACK" in status:
        return "bad"
    return "good" if status.endswith("_COMPLETE") else "dim"


def mark_of(status: str) -> str:
    """Two characters that say at a glance how a CloudFormation status is meant: ``ok``, ``!!`` or ``..``."""
    return {"bad": "!!", "good": "ok"}.get(style_of(status), "..")


def wrapped(text: str, *, indent: str, width: int, style: str) -> Iterator[Line]:
    """The text over as many lines as it needs; what is one word, such as a property's path, stays whole."""
    wrapper = textwrap.TextWrapper(
        width=width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in wrapper.wrap(text):
        yield Line(text=line, style=style)
