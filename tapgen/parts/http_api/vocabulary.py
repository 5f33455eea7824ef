"""How ``config/service.py`` writes the HTTP API."""

from __future__ import annotations

from tapgen.parts.collector import Collector
from tapgen.parts.faults import calling_place
from tapgen.parts.http_api.model import HttpApi
from tapgen.parts.part import pascal_case


class HttpApis(Collector):
    """Makes the HTTP API."""

    def http_api(self, name: str = "api", *, key: str = "", description: str = "") -> HttpApi:
        """The HTTP API, for a name, key or description of its own; the first route makes one otherwise.

        Args:
            name: Of the API, without the deployment's prefix.
            key: Of others that encrypts the access log: ``existing.key(arn)``.
            description: For the console.
        """
        return self.add(
            HttpApi(
                name=name, logical_id=pascal_case(name), key_arn=key, description=description, place=calling_place()
            )
        )
