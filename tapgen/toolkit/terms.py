"""On what terms an operation runs: what a person or a pipeline says besides the release itself. Values alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tapgen.gates.allowances import Allowances

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.model import ChangeSet

Ending = Literal["live", "change-set", "started"]
"""How far a deploy goes: to the verdict, to the change set that nobody executes, or to the begun execution."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is said besides the release itself."""

    allowances: Allowances = field(default_factory=Allowances)
    break_glass: str = ""
    """Why the release goes past a guard in ALARM; empty when it goes past none."""
    role_arn: str | None = None
    wait: bool = False
    """Wait while somebody else holds the deployment's lock, instead of being refused."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """Who agrees to a change set, on what terms it is made, and how far it goes."""

    confirm: Callable[[ChangeSet], bool]
    terms: Terms
    until: Ending


@dataclass(frozen=True, kw_only=True)
class RollbackTerms:
    """What is said of a rollback."""

    to: str | None = None
    """Release to restore: id, number, or ``-N`` for the Nth before the live one; None is the one before."""
    confirm_stop: Callable[[], bool] = lambda: False
    """Asked before a release that is on its way is stopped; False leaves it."""
    gradual: bool = False
    """Shift traffic as the release configured it, instead of all at once."""
    role_arn: str | None = None
    allow_replace: tuple[str, ...] = ()
    wait: bool = False


@dataclass(frozen=True, kw_only=True)
class RehearsalTerms:
    """What is rehearsed, and from where."""

    scenarios: tuple[str, ...] = ()
    """Names of scenarios; empty is all of them."""
    function: str | None = None
    """The function that gets the faults; None is the first with routes."""
    baseline: str | None = None
    """A commit whose release is replaced; None asks the account what is live."""
    offline: bool = False
    """Ask no account; the last commit that differs stands for what is live."""
    requests_per_min: float | None = None
    minute_s: float | None = None
    """Seconds that an AWS minute takes; None is as few as this machine allows."""
    output: Path | None = None
    keep: bool = False
    """Leave the embedded AWS running."""


def accept(_: ChangeSet) -> bool:
    """Agrees to every change set that the gates let through: for pipelines that have looked at it before."""
    return True
