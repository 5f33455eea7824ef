"""What the HTTP API is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.naming import Names
    from tapgen.parts.http_api.model import HttpApi


def physical_name(names: Names, part: HttpApi) -> str:
    """The API's name."""
    return names.name("api", part.name)
