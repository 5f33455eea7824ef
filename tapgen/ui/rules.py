"""Rules as lines of text and as a document: what must hold, why, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.ui.style import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.rule import Rule


def rules_page(rules: Mapping[str, tuple[Rule, ...]]) -> Iterator[Line]:
    """Rules by origin; below each, why it holds and who says so."""
    listed = [rule for each in rules.values() for rule in each]
    for origin, each in rules.items():
        if each:
            yield Line(text=origin, style="strong")
        for rule in each:
            mark = " (warning)" if rule.severity == "warning" else ""
            yield Line(text=f"  {rule.id}{mark}  {rule.holds}")
            yield Line(text=f"      why: {rule.why}")
            yield Line(text=f"      source: {rule.source}", style="dim")
    yield Line(text=f"{len(listed)} rules; `validation.suppress` in config/environments.yaml accepts one with a reason")


def rules_document(rules: Mapping[str, tuple[Rule, ...]]) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "rules": [
            {
                "id": rule.id,
                "origin": origin,
                "severity": rule.severity,
                "holds": rule.holds,
                "why": rule.why,
                "source": rule.source,
                "fix": rule.fix,
            }
            for origin, each in rules.items()
            for rule in each
        ]
    }
