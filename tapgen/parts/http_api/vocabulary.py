"""How ``config/service.py`` writes the HTTP API."""

from __future__ import annotations

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.http_api.model import HttpApi
from tapgen.parts.part import pascal_case


class HttpApis(Collector):
    """Makes the HTTP API."""

    def http_api(self, name: str = "api", *, description: str = "") -> HttpApi:
        """The HTTP API, for a name or description of its own; the first route makes one otherwise."""
        return self.add(
            HttpApi(name=name, logical_id=pascal_case(name), description=description, place=calling_place())
        )
