"""SEARCH expressions of dashboards, and dynamic labels.

Sources: CloudWatch User Guide, "CloudWatch search expression syntax", "Use dynamic labels". A term here is
``Name="value"`` or ``Name=("a" OR "b")``, all joined by AND; anything else is refused. Pure: series are handed in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SEARCH = re.compile(r"""SEARCH\(\s*'([^']*)'\s*,\s*['"]([^'"]+)['"]\s*(?:,\s*(\d+)\s*)?\)""")
_SCHEMA = re.compile(r"^\s*\{([^}]*)\}")
_TERM = re.compile(r"""\s*(?:AND\s+)?(\w+)=(?:"([^"]*)"|\(\s*((?:"[^"]*"(?:\s+OR\s+)?)+)\s*\))""")
_PROPERTY = re.compile(r"\$\{PROP\('([^']+)'\)\}")
_MOST_FOUND = 100


@dataclass(frozen=True)
class Metric:
    """A series by its names."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Search:
    """A SEARCH expression.

    Attributes:
        namespace: Of the metrics.
        dimensions: Names of their dimensions, exactly these.
        terms: Allowed values by dimension or ``MetricName``.
        statistic: Of each series.
        period_s: Of each series; None takes the query's.
    """

    namespace: str
    dimensions: frozenset[str]
    terms: tuple[tuple[str, frozenset[str]], ...]
    statistic: str
    period_s: int | None


def take_searches(expression: str) -> tuple[str, list[Search]]:
    """The expression with a name for each search in it, ``search0`` and so on, and the searches.

    Raises:
        ValueError: A search cannot be read.
    """
    found: list[Search] = []

    def note(match: re.Match[str]) -> str:
        found.append(_read(match[1], match[2], match[3]))
        return f"search{len(found) - 1}"

    return _SEARCH.sub(note, expression), found


def find(search: Search, metrics: Iterable[Metric]) -> list[Metric]:
    """The metrics that a search means, in the order of their names; at most 100, as CloudWatch finds."""
    return sorted((metric for metric in metrics if _is_meant(search, metric)), key=lambda each: each.dimensions)[
        :_MOST_FOUND
    ]


def label_all(template: str, metrics: Sequence[Metric]) -> list[str]:
    """A label for each: the template's with its properties, or what distinguishes one from the others."""
    if template:
        return [_filled(template, metric) for metric in metrics]
    common = set.intersection(*(set(metric.dimensions) for metric in metrics)) if len(metrics) > 1 else set()
    own = [" ".join(value for name, value in metric.dimensions if (name, value) not in common) for metric in metrics]
    return [label or metric.name for label, metric in zip(own, metrics, strict=True)]


def _read(text: str, statistic: str, period: str | None) -> Search:
    schema = _SCHEMA.match(text)
    if not schema:
        raise ValueError(f"Error in expression: SEARCH({text!r}) names no schema in braces.")
    namespace, *dimensions = (part.strip().strip('"') for part in schema[1].split(","))
    terms, at = [], schema.end()
    while text[at:].strip():
        term = _TERM.match(text, at)
        if not term:
            raise ValueError(f"Error in expression: the embedded AWS cannot search for {text[at:]!r}.")
        values = [term[2]] if term[2] is not None else re.findall(r'"([^"]*)"', term[3])
        terms.append((term[1], frozenset(values)))
        at = term.end()
    return Search(namespace, frozenset(dimensions), tuple(terms), statistic, int(period) if period else None)


def _is_meant(search: Search, metric: Metric) -> bool:
    known = {**dict(metric.dimensions), "MetricName": metric.name}
    same = metric.namespace == search.namespace and {name for name, _ in metric.dimensions} == search.dimensions
    return same and all(known.get(name) in values for name, values in search.terms)


def _filled(template: str, metric: Metric) -> str:
    return _PROPERTY.sub(lambda match: _property(match[1], metric), template)


def _property(name: str, metric: Metric) -> str:
    if name == "MetricName":
        return metric.name
    if name == "Namespace":
        return metric.namespace
    return dict(metric.dimensions).get(name.removeprefix("Dim."), "")
