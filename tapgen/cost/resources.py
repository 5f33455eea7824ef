"""The resources of rendered templates as the rules of prices look at them, and what is assumed of their use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tapgen.model import RenderedTemplate

SECONDS_PER_MONTH = 730 * 3600
"""AWS's own month: 730 hours (AWS Pricing Calculator, "assumptions")."""
DAYS_PER_MONTH = 730 / 24
_REFERENCES = re.compile(r'"(?:Ref|Fn::GetAtt)": ?(?:\[ ?)?"([A-Za-z0-9]+)|\$\{([A-Za-z0-9]+)')
_WAYS = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
_FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What is assumed of a month; the templates cannot tell it."""

    requests_per_month: float = 1_000_000
    write_share: float = 0.2
    """Of the requests: each makes one write, one stream record and one line in the archive."""
    payload_kb: float = 1.0
    """Of an item and of a request."""
    duration_ms: float = 30.0
    """Of one invocation of the API's function; the archiver's batches take ten times as long."""
    log_kb: float = 1.2
    """That an invocation logs: Lambda's own two lines and the function's one."""
    access_log_kb: float = 0.6
    months: float = 12.0
    """That data has been piling up."""

    @property
    def writes(self) -> float:
        """In a month."""
        return self.requests_per_month * self.write_share


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of one template."""

    stack: str
    logical_id: str
    kind: str
    properties: Mapping[str, Any] = field(compare=False)

    @property
    def path(self) -> str:
        """``compute.ApiFunction``."""
        return f"{self.stack}.{self.logical_id}"

    def number(self, name: str, default: float) -> float:
        """A property that is a number; the default when it is absent or only known when it is deployed."""
        value = self.properties.get(name)
        return float(value) if isinstance(value, int | float) else default


class Inventory:
    """Every resource of a release, and who calls which function."""

    def __init__(self, templates: Iterable[RenderedTemplate]) -> None:
        self.resources = tuple(resource for template in templates for resource in _read(template))
        self._by_place = {(each.stack, each.logical_id): each for each in self.resources}

    def of_kind(self, *kinds: str) -> Iterator[Resource]:
        """The resources of these types."""
        return (resource for resource in self.resources if resource.kind in kinds)

    def invocations(self, function: Resource, usage: Usage) -> tuple[float, str]:
        """How often a function is called in a month, and that in words."""
        if function in self._called_by("AWS::ApiGatewayV2::Integration"):
            return usage.requests_per_month, f"{usage.requests_per_month:,.0f} requests"
        source = next(
            (each for each in self.of_kind("AWS::Lambda::EventSourceMapping") if function in self._targets(each)), None
        )
        return self.batches(source, usage) if source else (0.0, "called only while a release shifts")

    def batches(self, source: Resource, usage: Usage) -> tuple[float, str]:
        """Batches that a stream hands over, were its records spread evenly over the month."""
        window_s = source.number("MaximumBatchingWindowInSeconds", 0)
        size = source.number("BatchSize", 100)
        records = min(size, max(1.0, usage.writes / SECONDS_PER_MONTH * window_s))
        return usage.writes / records, f"{usage.writes:,.0f} writes ÷ {records:.3g} a batch (window {window_s:g} s)"

    @cached_property
    def encrypted(self) -> tuple[Resource, ...]:
        """What a key of the release encrypts."""
        return tuple(
            each for each in self.resources if re.search(r'"K(MS|ms)\w*Key\w*": ', json.dumps(each.properties))
        )

    def sends_to(self, kind: str, target: Resource) -> bool:
        """Whether a resource of this type names the target."""
        return any(
            target.logical_id in _named(each.properties) and each.stack == target.stack for each in self.of_kind(kind)
        )

    def _called_by(self, kind: str) -> set[Resource]:
        return {function for caller in self.of_kind(kind) for function in self._targets(caller)}

    def _targets(self, caller: Resource) -> frozenset[Resource]:
        """The functions that a resource names, directly or through an alias or a version."""
        found: set[Resource] = set()
        names = list(_named(caller.properties))
        while names:
            named = self._by_place.get((caller.stack, names.pop()))
            if named and named.kind == _FUNCTION:
                found.add(named)
            elif named and named.kind in _WAYS:
                names += _named(named.properties)
        return frozenset(found)


def _read(template: RenderedTemplate) -> Iterator[Resource]:
    for logical_id, resource in json.loads(template.body)["Resources"].items():
        yield Resource(
            stack=template.stack,
            logical_id=logical_id,
            kind=resource["Type"],
            properties=resource.get("Properties", {}),
        )


def _named(properties: Mapping[str, Any]) -> Sequence[str]:
    """Logical ids that a resource refers to."""
    return [name for pair in _REFERENCES.findall(json.dumps(properties)) for name in pair if name]
