"""A route of the HTTP API: it belongs to the function that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tapgen.parts.part import NOWHERE, Place

Authorization = Literal["NONE", "IAM", "JWT"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of the HTTP API."""

    key: str
    """``METHOD /path``, or ``$default``."""
    logical_id: str
    public: bool = False
    """Open to everybody whatever the environment's authorization: it tells nothing about anyone."""
    authorization: Authorization | None = None
    """Of this route; the environment's when left out."""
    scopes: tuple[str, ...] = ()
    """With JWT: the caller's token needs one of them."""
    rate_rps: int | None = None
    """Steady requests per second of this route; the stage's when left out."""
    burst: int | None = None
    place: Place = NOWHERE

    @property
    def source(self) -> str:
        """``METHOD/path`` as the source ARN of an invocation has it."""
        return self.key.replace(" ", "", 1)
