"""Schedule expressions: the times that they name, in their time zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tapgen.local.extension.scheduler.expressions import Expression

CREATED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def expression(text: str, zone: str = "UTC") -> Expression:
    schedule = {"ScheduleExpression": text, "ScheduleExpressionTimezone": zone, "CreationDate": CREATED.timestamp()}
    return Expression.read(schedule)


@pytest.mark.parametrize(
    ("text", "zone", "after", "due"),
    [
        ("cron(0 2 * * ? *)", "Europe/Berlin", "2026-03-27T12:00", "2026-03-28T01:00"),
        ("cron(0 4 * * ? *)", "Europe/Berlin", "2026-03-29T12:00", "2026-03-30T02:00"),
        ("cron(30 9 ? * MON-FRI *)", "UTC", "2026-03-27T12:00", "2026-03-30T09:30"),
        ("rate(6 hours)", "UTC", "2026-03-01T19:00", "2026-03-02T00:00"),
        ("at(2026-03-05T08:00:00)", "America/New_York", "2026-03-01T00:00", "2026-03-05T13:00"),
    ],
    ids=["before-summer", "in-summer", "weekday", "rate", "at"],
)
def test_the_next_time(text: str, zone: str, after: str, due: str) -> None:
    """The first one after a moment, as wall clocks of the zone have it."""
    found = expression(text, zone).next(datetime.fromisoformat(f"{after}+00:00"))
    assert found == datetime.fromisoformat(f"{due}+00:00")


def test_a_time_is_due_once() -> None:
    """Between two looks, and never again; a time that has passed is never due."""
    once = expression("at(2026-03-05T08:00:00)")
    times = [datetime(2026, 3, 5, 7, 59, 59 + 0, tzinfo=UTC), datetime(2026, 3, 5, 8, 0, 0, tzinfo=UTC)]
    later = datetime(2026, 3, 5, 8, 0, 1, tzinfo=UTC)
    assert once.is_due(*times)
    assert not once.is_due(times[1], later)
    assert once.next(later) is None


@pytest.mark.parametrize(
    "text", ["", "cron(* * * *)", "rate(0 fortnights)", "at(tomorrow)", "at(2026-03-05)", "hourly"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    """With the text in the message."""
    with pytest.raises(ValueError, match="Invalid Schedule Expression"):
        expression(text)
