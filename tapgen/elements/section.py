"""What all sections of the configuration file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section that refuses unknown keys and converts nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
