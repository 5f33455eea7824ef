"""What all sections of the configuration file have in common."""

from __future__ import annotations

import unicodedata
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError

# Control characters, and the separators of lines and paragraphs: no name, tag, URL or address of AWS takes them.
_UNPRINTABLE = {"Cc", "Zl", "Zp"}


class Section(BaseModel):
    """A section that refuses unknown keys, converts nothing, and takes no text with control characters."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_control_characters(cls, value: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if isinstance(text, str) and any(unicodedata.category(letter) in _UNPRINTABLE for letter in text):
                message = "must have no line breaks, tabs or other control characters, as {text} has"
                raise PydanticCustomError("control_characters", message, {"text": repr(text)})
        return value
