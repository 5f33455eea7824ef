"""The HTTP API as a user writes it. Routes belong to the functions that answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.part import Part


@dataclass(frozen=True, kw_only=True)
class HttpApi(Part):
    """The HTTP API of the service."""

    kind: ClassVar[str] = "http api"

    description: str = ""


PART = HttpApi
