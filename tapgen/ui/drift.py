"""Drift on a page: each resource with what is expected and what is there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tapgen.diff.words import type_text, value_text
from tapgen.ui.style import Line, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.drift.model import DriftedResource, DriftReport


def drift_lines(report: DriftReport, *, width: int) -> list[Line]:
    """Everything that has drifted, what was not compared, and a last line that sums up."""
    return [
        line
        for text, depth, style in _entries(report)
        for line in wrapped(text, indent="  " * depth, width=width, style=style)
    ]


def _entries(report: DriftReport) -> Iterator[tuple[str, int, str]]:
    for resource in report.resources:
        yield from _resource(resource)
    for failure in report.failures:
        yield f"not compared: {failure}", 0, "warn"
    kinds = Counter(type_text(each.resource_type) for each in report.unchecked)
    if kinds:
        listed = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        yield f"CloudFormation does not compare: {listed}", 0, "dim"
    found = f"{len(report.resources)} of them" if report.drifted else "none of them"
    style = "bad" if report.drifted else "good"
    yield f"{report.checked} resources compared, and what CloudFormation does not see; {found} drifted", 0, style


def _resource(resource: DriftedResource) -> Iterator[tuple[str, int, str]]:
    what = "is gone" if resource.status == "DELETED" else "has drifted"
    seer = "" if resource.revertible else "  (CloudFormation does not see it)"
    yield f"{resource.path}  {type_text(resource.resource_type)}  {what}{seer}", 0, "bad"
    for each in resource.properties:
        yield each.path, 1, ""
        yield f"expected  {value_text(each.expected)}", 2, "dim"
        yield f"actual    {value_text(each.actual)}", 2, "warn"
    if resource.way_out:
        yield f"how to fix: {resource.way_out}", 1, "dim"
