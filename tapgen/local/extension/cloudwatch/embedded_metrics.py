"""The embedded metric format: log events that carry metrics.

Source: CloudWatch User Guide, "Specification: Embedded metric format". An event that is not in the format, or wrong in
it, is a log event and nothing else. Pure: it knows nothing of MiniStack.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_DIMENSIONS = 30
_MOST_VALUES = 100


@dataclass(frozen=True)
class EmbeddedMetric:
    """One value of each metric of a directive.

    Attributes:
        namespace: The metrics' namespace.
        values: Value and unit, by metric name.
        dimension_sets: The sets of dimensions to publish them with.
        at: Seconds since the epoch.
    """

    namespace: str
    values: dict[str, tuple[float, str]]
    dimension_sets: list[dict[str, str]]
    at: float


def read(message: str) -> Iterator[EmbeddedMetric]:
    """The metrics in a log event; several for one directive when a metric has several values."""
    text = message.strip()
    if not text.startswith("{") or '"_aws"' not in text:
        return
    try:
        document = json.loads(text)
    except ValueError:
        return
    metadata = document.get("_aws")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("CloudWatchMetrics"), list):
        return
    moment = metadata.get("Timestamp")
    at = float(moment) / 1000 if isinstance(moment, int | float) else 0.0
    for directive in metadata["CloudWatchMetrics"]:
        if isinstance(directive, dict) and directive.get("Namespace"):
            yield from _directive(directive, document, at)


def _directive(directive: dict[str, Any], document: dict[str, Any], at: float) -> Iterator[EmbeddedMetric]:
    sets = [_dimensions(names, document) for names in directive.get("Dimensions") or [[]]]
    known = [dimensions for dimensions in sets if dimensions is not None]
    columns = {
        str(metric["Name"]): (_values(document.get(metric["Name"])), str(metric.get("Unit") or "None"))
        for metric in directive.get("Metrics") or []
        if isinstance(metric, dict) and metric.get("Name")
    }
    for index in range(max((len(values) for values, _ in columns.values()), default=0)):
        row = {name: (values[index], unit) for name, (values, unit) in columns.items() if index < len(values)}
        yield EmbeddedMetric(str(directive["Namespace"]), row, known, at)


def _dimensions(names: Any, document: dict[str, Any]) -> dict[str, str] | None:
    """The values of a set of dimensions; None when one has no value, or when there are too many."""
    if not isinstance(names, list) or len(names) > _MOST_DIMENSIONS or not all(name in document for name in names):
        return None
    return {str(name): str(document[name]) for name in names}


def _values(found: Any) -> list[float]:
    values = found if isinstance(found, list) else [found]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return [float(number) for number in numbers[:_MOST_VALUES]] if len(numbers) == len(values) else []
