"""Schedule expressions: ``at``, ``rate`` and ``cron``, with their time zone.

Source: EventBridge Scheduler user guide, "Schedule types in EventBridge Scheduler". Cron fields are MiniStack's, which
knows all of AWS's operators; a time that a change of the clock leaves out is passed over, one that it repeats is due
once [inferred].
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from ministack.services import eventbridge

from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENTS = "ministack.services.eventbridge"
SEAMS = (
    Seam(module=_EVENTS, attribute="_parse_cron_fields", parameters=("expr",), gap="called only: fields of cron()"),
    Seam(module=_EVENTS, attribute="_parse_rate_seconds", parameters=("expr",), gap="called only: seconds of rate()"),
    Seam(
        module=_EVENTS,
        attribute="_cron_next_fire",
        parameters=("fields", "after_dt"),
        gap="called only: the next time of cron()",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Expression:
    """When a schedule is due.

    Attributes:
        text: The expression.
        zone: The time zone of its times.
        anchor: From when a rate counts: its start, or else its creation.
    """

    text: str
    zone: tzinfo
    anchor: datetime

    @classmethod
    def read(cls, schedule: Mapping[str, Any]) -> Expression:
        """The expression of a schedule as the API has it.

        Raises:
            ValueError: The expression or the time zone is none; the message is AWS's.
        """
        text = str(schedule.get("ScheduleExpression", "")).strip()
        name = str(schedule.get("ScheduleExpressionTimezone") or "UTC")
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"Provided timezone {name} is not valid.") from error
        anchor = moment(schedule.get("StartDate")) or moment(schedule.get("CreationDate")) or datetime.now(UTC)
        found = cls(text=text, zone=zone, anchor=anchor)
        if not found._is_valid():
            raise ValueError(f"Invalid Schedule Expression {text}.")
        return found

    @property
    def is_once(self) -> bool:
        """Whether it has one time alone."""
        return self.text.startswith("at(")

    def is_due(self, after: datetime, until: datetime) -> bool:
        """Whether a time of it lies after the one moment and not after the other."""
        due = self.next(after)
        return due is not None and due <= until

    def next(self, after: datetime) -> datetime | None:
        """The first time after a moment; None when there is none."""
        if self.is_once:
            once = self._once()
            return once if once is not None and once > after else None
        rate_s = eventbridge._parse_rate_seconds(self.text)  # noqa: SLF001 - a seam
        if rate_s is not None:
            passed = max(0, int((after - self.anchor).total_seconds() // rate_s))
            return self.anchor + timedelta(seconds=rate_s * (passed + 1))
        fields = eventbridge._parse_cron_fields(self.text)  # noqa: SLF001 - a seam
        found: datetime | None = eventbridge._cron_next_fire(fields, after.astimezone(self.zone))  # noqa: SLF001 - a seam
        return found

    def _is_valid(self) -> bool:
        if self.is_once:
            return self._once() is not None
        rate_s = eventbridge._parse_rate_seconds(self.text)  # noqa: SLF001 - a seam
        return rate_s is not None or eventbridge._parse_cron_fields(self.text) is not None  # noqa: SLF001 - a seam

    def _once(self) -> datetime | None:
        try:
            found = datetime.strptime(self.text, "at(%Y-%m-%dT%H:%M:%S)")  # noqa: DTZ007 - the zone is a field of its own
        except ValueError:
            return None
        return found.replace(tzinfo=self.zone)


def moment(value: Any) -> datetime | None:
    """A time as requests and templates have it: seconds since the epoch, or ISO 8601; None when there is none."""
    if value in (None, ""):
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
