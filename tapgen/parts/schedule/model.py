"""A schedule as a user writes it: when, in which time zone, and what becomes of a call that fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from tapgen.parts.faults import tell
from tapgen.parts.part import Part, Place, pascal_case
from tapgen.parts.schedule.cron import check_cron
from tapgen.parts.source import Attachable, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.parts.queue.model import Queue

_RATE = re.compile(r"([1-9][0-9]*) (minute|hour|day)s?")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """How Scheduler delivers (EventBridge Scheduler API reference, RetryPolicy)."""

    retries: int = 3
    """How often it tries again (0 to 185)."""
    maximum_age_s: int = 3600
    """Seconds after which it gives up (60 to 86,400)."""
    on_failure: Queue | None = None
    """A queue for invocations that were given up."""


@dataclass(frozen=True, kw_only=True)
class Schedule(Part):
    """A schedule of EventBridge Scheduler."""

    kind: ClassVar[str] = "schedule"

    expression: str
    """``cron(0 2 * * ? *)``, ``rate(5 minutes)``, ``at(2027-01-01T00:00:00)``."""
    timezone: str = "UTC"
    payload: Mapping[str, Any] | None = field(default=None, hash=False)
    """What the function is invoked with; None for what Scheduler sends by itself."""
    attempts: Attempts = Attempts()


@dataclass(frozen=True, kw_only=True)
class Moments(Source):
    """The moments of a schedule."""

    what: ClassVar[str] = "moments"


@dataclass(frozen=True, kw_only=True)
class Timing(Attachable):
    """When a function is invoked; it becomes a schedule of the function's name."""

    expression: str
    timezone: str = "UTC"
    payload: Mapping[str, Any] | None = None
    attempts: Attempts = Attempts()

    def with_attempts(self, *, retries: int = 3, maximum_age_s: int = 3600, on_failure: Queue | None = None) -> Timing:
        """The same moments with another way to deliver."""
        if not 0 <= retries <= 185:
            tell(f"retries={retries}: EventBridge Scheduler allows 0 to 185")
        if not 60 <= maximum_age_s <= 86400:
            tell(f"maximum_age_s={maximum_age_s}: EventBridge Scheduler allows 60 to 86400")
        attempts = Attempts(retries=retries, maximum_age_s=maximum_age_s, on_failure=on_failure)
        return replace(self, attempts=attempts)

    def attach(self, name: str, place: Place) -> Moments:
        """The source of a function of this name."""
        return Moments(
            part=Schedule(
                name=name,
                logical_id=f"{pascal_case(name)}Schedule",
                expression=self.expression,
                timezone=self.timezone,
                payload=self.payload,
                attempts=self.attempts,
                place=place,
            )
        )


def every(
    interval: str, *, at: str | None = None, timezone: str = "UTC", payload: Mapping[str, Any] | None = None
) -> Timing:
    """Invoke a function again and again: ``every("1 day", at="02:00")``, ``every("5 minutes")``.

    Args:
        interval: ``N minutes``, ``N hours`` or ``N days``.
        at: With ``1 day``: the time of the day, ``HH:MM``.
        timezone: As the IANA database names it: ``Europe/Berlin``.
        payload: What the function is invoked with.
    """
    _check_timezone(timezone)
    found = _RATE.fullmatch(interval)
    if not found:
        tell(f"every({interval!r}): write a number and minutes, hours or days, e.g. '5 minutes'")
        return Timing(expression="rate(1 day)")
    number, unit = int(found[1]), found[2]
    expression = f"rate({number} {unit}{'s' if number > 1 else ''})"
    if at is not None:
        time = _TIME.fullmatch(at)
        if not time or (number, unit) != (1, "day"):
            tell(f"every({interval!r}, at={at!r}): at= goes with '1 day' and a time such as '02:00'")
        else:
            expression = f"cron({int(time[2])} {int(time[1])} * * ? *)"
    return Timing(expression=expression, timezone=timezone, payload=payload)


def cron(expression: str, *, timezone: str = "UTC", payload: Mapping[str, Any] | None = None) -> Timing:
    """Invoke a function by a cron expression of six fields: ``cron("0 8 ? * MON-FRI *")``."""
    check_cron(expression)
    _check_timezone(timezone)
    return Timing(expression=f"cron({expression})", timezone=timezone, payload=payload)


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        tell(f"timezone={name!r}: no time zone of the IANA database, such as 'Europe/Berlin'")


PART = Schedule
