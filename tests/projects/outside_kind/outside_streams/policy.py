"""A rule of the organisation's own, on every service: an entry point of the group ``tapgen.rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for function in templates.of_type("AWS::Lambda::Function"):
        if function.get("Architectures.0") != "arm64":
            yield function, f"runs on {function.get('Architectures.0')}"


ARM = Rule(
    id="outside-arm-only",
    holds="Functions run on arm64.",
    why="The organisation builds for arm64 alone.",
    source="the organisation's handbook, chapter 4",
    find=_find,
)
