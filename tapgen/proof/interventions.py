"""Somebody intervenes while a deploy runs: an operator who stops it, or a hook that has to refuse it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tapgen.aws.roles import InlinePolicies
from tapgen.events import Noted, ShiftProgressed, StackEvent
from tapgen.iam.policies import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.engine.context import Context
    from tapgen.engine.interrupts import Choice
    from tapgen.events import Event

_POLICY = "proof-refusal"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When somebody stops a deploy, and what the deploy says to it."""

    has_come: Callable[[Event], bool]
    answer: str


@dataclass
class Operator:
    """Presses Ctrl-C once, as soon as an event says so, and wants the operation stopped.

    Args:
        moment: When.
    """

    moment: Moment
    pressed: bool = False
    told: list[str] = field(default_factory=list)
    """What the operation said of it."""
    _done: bool = False

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Change nothing."""
        yield

    def choose(self) -> Choice:
        """Stop, and never press again."""
        self.pressed, self._done = False, True
        return "stop"

    def watch(self, context: Context) -> Context:
        """The context with this operator in front of it."""

        def emit(event: Event) -> None:
            context.emit(event)
            self.told += [event.text] if isinstance(event, Noted) else []
            self.pressed = self.pressed or (not self._done and self.moment.has_come(event))

        return replace(context, emit=emit, interrupts=self)


def _is_split(event: Event) -> bool:
    """A new version has a share of the traffic."""
    return isinstance(event, ShiftProgressed) and 0 < event.shift.target_weight < 1 and not event.shift.over


def _has_begun(event: Event) -> bool:
    """CloudFormation has said its first word, and no shift is on its way yet."""
    return isinstance(event, StackEvent)


UPDATE_BEGUN = Moment(has_come=_has_begun, answer="the update is cancelled")
SHIFT_SPLIT = Moment(has_come=_is_split, answer="the shift is stopped")


@contextmanager
def refused_role(owner: Aws, role: str, actions: tuple[str, ...]) -> Iterator[None]:
    """A role that may not do what its function needs, so that the hooks refuse the function's new version."""
    policies = InlinePolicies(owner)
    denial = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    policies.write(role, _POLICY, {"Version": VERSION, "Statement": [denial]})
    try:
        yield
    finally:
        policies.write(role, _POLICY, None)
