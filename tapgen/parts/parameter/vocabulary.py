"""How ``config/service.py`` writes a parameter. It never holds the value."""

from __future__ import annotations

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.parameter.model import Parameter
from tapgen.parts.part import pascal_case, upper_case


class Parameters(Collector):
    """Makes parameters."""

    def parameter(self, name: str, *, variable: str | None = None) -> Parameter:
        """A parameter that somebody sets and functions read; ``LIMIT_PARAMETER`` holds its name."""
        return self.add(
            Parameter(
                name=name,
                logical_id=f"{pascal_case(name)}Parameter",
                variable=variable or f"{upper_case(name)}_PARAMETER",
                place=calling_place(),
            )
        )
