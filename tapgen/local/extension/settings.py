"""What the extension is told from outside: read once from the child's environment, immutable afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.local.record import MINUTE_VARIABLE, SAVE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


ALIAS_ROLLBACK_VARIABLE = "TAPGEN_LOCAL_ALIAS_ROLLBACK"
"""The environment variable of ``Settings.alias_rollback``."""

CANCELLED_SHIFT_VARIABLE = "TAPGEN_LOCAL_CANCELLED_SHIFT"
"""The environment variable of ``Settings.cancelled_shift``."""

WARM_VARIABLE = "TAPGEN_LOCAL_WARM_S"
"""The environment variable of ``Settings.warm_s``."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How fast the embedded AWS lives, where, and how it does what AWS does not document.

    Attributes:
        state_dir: Where its state is kept.
        minute_s: Seconds of wall time that one AWS minute takes in CodeDeploy waits and in alarm periods; 60.0 is real
            time.
        alias_rollback: How a stack that rolls back moves an alias whose shift had succeeded: ``at-once``, or ``shift``
            for another deployment with the policy of the template that it goes back to.
        cancelled_shift: What becomes of a shift when its stack's update is cancelled, or fails elsewhere: ``stop`` it
            and roll it back, or let it ``finish`` first.
        warm_s: Seconds of wall time after which the process of a function that nobody calls ends.
        save: When the state is saved: at ``changes``, so that a crash loses nothing that somebody has been told, or at
            a ``stop`` alone, for an embedded AWS that nobody comes back to.
    """

    state_dir: Path
    minute_s: float = 0.6
    alias_rollback: str = "at-once"
    cancelled_shift: str = "stop"
    warm_s: float = 300.0
    save: str = "changes"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, state_dir: Path) -> Settings:
        """Read the settings that the environment carries.

        Raises:
            ValueError: A variable has a value that makes no sense.
        """
        return cls(
            state_dir=state_dir,
            minute_s=_seconds(environment, MINUTE_VARIABLE, default=cls.minute_s),
            alias_rollback=_choice(environment, ALIAS_ROLLBACK_VARIABLE, ("at-once", "shift")),
            cancelled_shift=_choice(environment, CANCELLED_SHIFT_VARIABLE, ("stop", "finish")),
            warm_s=_seconds(environment, WARM_VARIABLE, default=cls.warm_s),
            save=_choice(environment, SAVE_VARIABLE, ("changes", "stop")),
        )


def _seconds(environment: Mapping[str, str], variable: str, *, default: float) -> float:
    """A number of seconds above 0, at most an hour."""
    text = environment.get(variable, "")
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= 3600.0:
        raise ValueError(f"{variable}={text!r} is not a number of seconds between 0 and 3600")
    return seconds


def _choice(environment: Mapping[str, str], variable: str, choices: tuple[str, ...]) -> str:
    """What a variable says, the first choice when it says nothing."""
    found = environment.get(variable) or choices[0]
    if found not in choices:
        raise ValueError(f"{variable}={found!r} is none of {', '.join(choices)}")
    return found
