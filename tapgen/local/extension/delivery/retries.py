"""Attempts at a delivery, as a target's retry policy has them, and what its dead-letter queue is told in the end.

Source: EventBridge user guide, "How EventBridge retries delivering events", "Using dead-letter queues"; EventBridge
Scheduler user guide, "Configuring a dead-letter queue for a schedule": up to 185 attempts within 24 hours with growing
waits; what cannot get better, as a missing permission or target, is not tried again. Waits are in AWS time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.delivery.failures import Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.time_scale import TimeScale

_ATTEMPTS = 185
_OLDEST_S = 86_400
_FIRST_WAIT_S = 1
_LONGEST_WAIT_S = 900


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often and how long a delivery is tried.

    Attributes:
        attempts: Further attempts after the first.
        oldest_s: AWS seconds after which there are no more.
    """

    attempts: int = _ATTEMPTS
    oldest_s: int = _OLDEST_S

    @classmethod
    def read(cls, policy: Mapping[str, Any] | None) -> RetryPolicy:
        """A target's ``RetryPolicy``, with AWS's defaults."""
        found = policy or {}
        return cls(
            attempts=int(found.get("MaximumRetryAttempts", _ATTEMPTS)),
            oldest_s=int(found.get("MaximumEventAgeInSeconds", _OLDEST_S)),
        )

    def follow(self, deliver: Callable[[int], None], pace: TimeScale, *, tried: int = 0) -> Failure | None:
        """Deliver until it succeeds; why it has not, else None.

        Args:
            deliver: One attempt; takes its number, from 0 on.
            pace: How long an AWS minute takes.
            tried: Attempts that the caller has made already, just now.
        """
        since, wait_s, attempt = time.monotonic(), _FIRST_WAIT_S, tried
        if tried:
            time.sleep(pace.wall_s(_FIRST_WAIT_S))
        while True:
            try:
                deliver(attempt)
            except Undelivered as error:
                condition = self._exhausted(attempt, pace.aws_s(time.monotonic() - since) + wait_s)
                if error.lasting or condition:
                    return Failure(error=error, retries=attempt, condition="" if error.lasting else condition)
            else:
                return None
            time.sleep(pace.wall_s(wait_s))
            wait_s, attempt = min(2 * wait_s, _LONGEST_WAIT_S), attempt + 1

    def _exhausted(self, attempt: int, age_s: float) -> str:
        if attempt >= self.attempts:
            return "MaximumRetryAttempts"
        return "MaximumEventAgeInSeconds" if age_s > self.oldest_s else ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A delivery that was given up.

    Attributes:
        error: What the last attempt met.
        retries: Further attempts after the first.
        condition: Which bound of the policy ended it; empty when nothing could get better.
    """

    error: Undelivered
    retries: int
    condition: str

    def attributes(self) -> dict[str, str]:
        """What both services write on a dead letter."""
        return {
            "ERROR_CODE": self.error.code,
            "ERROR_MESSAGE": self.error.message,
            "EXHAUSTED_RETRY_CONDITION": self.condition,
            "RETRY_ATTEMPTS": str(self.retries),
        }
