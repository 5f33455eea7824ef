"""The function that a rehearsal is about: it gets the faults, and its journey is the traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.service.tried import tried_of

if TYPE_CHECKING:
    from tapgen.parts.function.model import Function
    from tapgen.service.model import Model
    from tapgen.service.tried import Tried


_COMPANIONS, _NEAR = 5, 2


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One function, and how it is tried."""

    function: Function
    tried: Tried

    @property
    def name(self) -> str:
        """Of the function in the service."""
        return self.function.name

    @property
    def answers_requests(self) -> bool:
        """Whether callers wait for its answers."""
        return self.function.answers_requests


def companions_of(service: Model, subject: Subject) -> tuple[Subject, ...]:
    """Up to five functions that change with the subject: two of its own compute stack, the others of further ones."""
    tried = {each.function: each for each in tried_of(service)}
    found = [
        Subject(function=function, tried=tried[function.name])
        for function in service.functions
        if function != subject.function and function.runtime.startswith("python") and not function.image
    ]
    block = service.block_of(subject.function)
    near = [each for each in found if service.block_of(each.function) == block]
    far = [each for each in found if service.block_of(each.function) != block]
    return (*near[:_NEAR], *far[: _COMPANIONS - len(near[:_NEAR])])


def choose_subject(service: Model, name: str | None) -> Subject:
    """The function that somebody named, or the first one that callers wait for.

    Raises:
        UsageError: There is no such function, or its journey has nothing that could be traffic.
    """
    tried = {each.function: each for each in tried_of(service)}
    if not tried:
        raise UsageError("the service has no function to rehearse", code="no-function")
    chosen = name or (service.requested or service.functions)[0].name
    if chosen not in tried:
        raise UsageError(
            f"the service has no function {chosen!r}", hint=f"it has {', '.join(sorted(tried))}", code="no-function"
        )
    if not tried[chosen].journey.calls_for("rehearse"):
        raise UsageError(
            f"the function {chosen!r} cannot be rehearsed: its journey sends nothing",
            why=tried[chosen].journey.weak,
            hint="give it a journey that may be repeated as traffic (`tapgen guide journeys`), or name another one",
            code="nothing-to-send",
        )
    return Subject(function=service.function(chosen), tried=tried[chosen])
