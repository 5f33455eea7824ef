"""One of the updates that a release takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.gates.templates import Template


@dataclass(frozen=True, kw_only=True)
class UpdateStep:
    """One update on the way to a release."""

    base: Literal["live", "release"]
    """Whose templates it takes."""
    templates: Mapping[str, Template]
    """Stack → its template, where it differs from the base's; none in the last step, which is the release itself."""
    text: str
    """What it does."""
    expiries: tuple[str, ...] = ()
    """Tables, by path, whose expiry another update of this release turned off: DynamoDB takes the next change later."""
