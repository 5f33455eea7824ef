"""What the extension is told from outside: read once from the child's environment, immutable afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.local.record import MINUTE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How fast the embedded AWS lives, and where.

    Attributes:
        state_dir: Where its state is kept.
        minute_s: Seconds of wall time that one AWS minute takes in CodeDeploy waits and in alarm periods; 60.0 is real
            time.
        poll_s: Seconds between two looks at an alarm or at a stop request.
    """

    state_dir: Path
    minute_s: float = 0.6
    poll_s: float = 0.1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, state_dir: Path) -> Settings:
        """Read the settings that the environment carries.

        Raises:
            ValueError: ``TAPGEN_LOCAL_MINUTE_S`` is not a positive number of seconds.
        """
        text = environment.get(MINUTE_VARIABLE, "")
        if not text:
            return cls(state_dir=state_dir)
        try:
            minute_s = float(text)
        except ValueError:
            minute_s = 0.0
        if not 0.0 < minute_s <= 3600.0:
            raise ValueError(f"{MINUTE_VARIABLE}={text!r} is not a number of seconds between 0 and 3600")
        return cls(state_dir=state_dir, minute_s=minute_s, poll_s=min(0.1, minute_s / 5))
