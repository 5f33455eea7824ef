"""What invokes a function besides HTTP requests: a value that a part's method makes. How it is wired is its kind's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from tapgen.parts.part import Part, Place


@dataclass(frozen=True, kw_only=True)
class Source:
    """An event source of a function; the part's kind renders it (``sources.add_source``)."""

    what: ClassVar[str]
    """``changes``, ``messages``: of the part."""

    fed_by: ClassVar[frozenset[str]] = frozenset()
    """Actions on the part by which a function makes it invoke: ``sqs:SendMessage``."""

    part: Part
    logical_id: str | None = None
    """Of what connects the part with the function; made from both names when left out."""

    @property
    def filtered(self) -> bool:
        """Whether some of what arrives invokes nothing: a loop of functions can end."""
        return False

    @property
    def taken(self) -> tuple[Part, ...]:
        """The parts whose ARNs connect it and come from another stack; every other ARN is made from a name."""
        return () if self.part.existing_arn else (self.part,)

    @property
    def label(self) -> str:
        """``changes of table orders``: the reason of what the source needs."""
        return f"{self.what} of {self.part.label}"


class Attachable(ABC):
    """What becomes an event source when a function gets it: the source's part is made for this function alone."""

    @abstractmethod
    def attach(self, name: str, place: Place) -> Source:
        """The source with its new part.

        Args:
            name: Of the part: the function's, with a number from the second of its sources on.
            place: Where the function is written.
        """
