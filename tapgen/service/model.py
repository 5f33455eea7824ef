"""The finished definition of a service: frozen values that the engine iterates over. It names no part itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tapgen.parts.function.model import Function
from tapgen.parts.http_api.model import HttpApi
from tapgen.parts.part import NOWHERE, Part, Place, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.parts.source import Source

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A metric that a function writes into its log (embedded metric format), as a line of a graph."""

    function: str
    metric: str
    label: str = ""
    statistic: str = "Sum"
    color: Literal["", "red", "orange"] = ""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph of the service's own on the dashboard."""

    section: str
    """Heading that it stands under."""
    title: str
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Query:
    """A saved Logs Insights query of the service's own."""

    name: str
    text: str
    logs: tuple[str, ...]
    """Functions by name; ``access`` is the API's access log."""
    logical_id: str
    place: Place = NOWHERE


@dataclass(frozen=True, kw_only=True)
class OwnResource:
    """A resource that tapgen does not know: the user answers for it."""

    stack: Literal["security", "data", "compute", "observability"]
    resource: Any
    """A troposphere object."""
    actions: tuple[str, ...]
    """What CloudFormation calls to handle it, where tapgen does not know its type."""
    place: Place = NOWHERE


@dataclass(frozen=True, kw_only=True)
class Customization:
    """A change of the resources that a part makes, before they are written."""

    part: Part
    change: Callable[[Any], None]
    """Called with each troposphere object of the part."""
    place: Place = NOWHERE


@dataclass(frozen=True, kw_only=True)
class Model:
    """A service: its parts in the order in which they were written."""

    name: str
    title: str
    """As templates and the dashboard call it: ``Orders service``."""
    parts: tuple[Part, ...]
    settings: tuple[Setting, ...] = ()
    graphs: tuple[Graph, ...] = ()
    queries: tuple[Query, ...] = ()
    resources: tuple[OwnResource, ...] = ()
    customizations: tuple[Customization, ...] = ()
    blocks: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Key of a part (``table/orders``) → its block of nested stacks; what is not named is in the first."""

    def block_of(self, part: Part) -> int:
        """Which block of nested stacks the part's resources are in."""
        return self.blocks.get(f"{part.kind}/{part.name}", 1)

    @property
    def last_block(self) -> int:
        """How many blocks there are."""
        return max(self.blocks.values(), default=1)

    def of(self, kind: type[P]) -> tuple[P, ...]:
        """The parts of one class."""
        return tuple(part for part in self.parts if isinstance(part, kind))

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every function."""
        return self.of(Function)

    @property
    def api(self) -> HttpApi | None:
        """The HTTP API; None when no function has a route."""
        return next(iter(self.of(HttpApi)), None)

    @property
    def requested(self) -> tuple[Function, ...]:
        """The functions with routes: somebody waits for their answers."""
        return tuple(function for function in self.functions if function.answers_requests)

    def function(self, name: str) -> Function:
        """A function by name.

        Raises:
            KeyError: There is none.
        """
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)

    def consumers(self, part: Part) -> Iterator[tuple[Function, Source]]:
        """The functions that a part invokes, with the source."""
        for function in self.functions:
            for source in function.sources:
                if source.part == part:
                    yield function, source


EMPTY = Model(name="", title="", parts=())
"""Of an environment whose service was not read."""
