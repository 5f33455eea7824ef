"""A stream as a user writes it, and its verb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.part import Part, Verb


@dataclass(frozen=True, kw_only=True)
class Stream(Part):
    """A stream, paid by use."""

    kind: ClassVar[str] = "kinesis stream"

    variable: str

    @property
    def put(self) -> Verb:
        """Put records."""
        return Verb(part=self, name="put", actions=("kinesis:PutRecord", "kinesis:PutRecords"))


PART = Stream
