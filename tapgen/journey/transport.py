"""What a walk needs of whoever carries its steps: a request and its answer, or an event and the function's result.

The walker knows neither Lambda nor HTTP; transports do (``gateway.InvokeTransport``, ``tapgen.deploy.journeys``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.journey.steps import Delivery


class NoAnswerError(Exception):
    """A step got no answer, or one that cannot be read.

    Args:
        got: What there was instead, without what an answer's fields hold.
        expected: What was wanted.
    """

    def __init__(self, got: str, *, expected: str = "an answer") -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.got = got
        self.expected = expected


class CannotCarryError(Exception):
    """This transport cannot carry the step, which is no fault of the service: it is left out, with this reason."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request with all its values."""

    method: str
    path: str
    """Not encoded."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: Any = None
    """A JSON document; None sends no body."""
    user: str | None = None
    """Who asks; None asks without credentials."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: Any = None
    """The JSON document; None without a body, or when it holds none."""


class Transport(Protocol):
    """Carries steps. Both raise ``NoAnswerError`` and ``CannotCarryError``."""

    @property
    def label(self) -> str:
        """Where it carries them: ``version 8``."""
        ...

    def send(self, request: Sent) -> Answer:
        """Send a request; any status is an answer."""
        ...

    def deliver(self, event: Any, delivery: Delivery) -> Any:
        """Deliver an event; answers the function's result, or None where its source keeps that to itself."""
        ...
