"""Tables and numbers for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tapgen.ui.tables import human_duration, human_size, relative_time, short_digest, table

_NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


def test_columns_are_as_wide_as_their_cells() -> None:
    """Numbers stand at the right, text at the left, and no line ends in blanks."""
    text = table(("stack", "resources", "digest"), [("data", "12", "abc"), ("observability", "7", "")], "<>")

    assert text.splitlines() == [
        "stack          resources  digest",
        "data                  12  abc",
        "observability          7",
    ]


def test_titles_and_cells_may_be_missing() -> None:
    """Without titles there is no line for them; a short row is filled; nothing at all is an empty text."""
    assert table((), [("a", "b"), ("long",)]).splitlines() == ["a     b", "long"]
    assert table((), []) == ""


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1434, "1.4 KiB"),
        (12 * 1024, "12 KiB"),
        (1_048_575, "1.0 MiB"),
        (3_000_000, "2.9 MiB"),
        (250 * 1024**2, "250 MiB"),
        (5 * 1024**5, "5120 TiB"),
    ],
)
def test_sizes(size: int, expected: str) -> None:
    """Binary units, as CloudFormation's and Lambda's limits are meant, with few digits."""
    assert human_size(size) == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (0.04, "0.0 s"),
        (0.21, "0.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.7, "1 h 00 min"),
        (3725, "1 h 02 min"),
    ],
)
def test_durations(duration: float, expected: str) -> None:
    """Two units at most, and none overflows by rounding."""
    assert human_duration(duration) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=1, hours=1), "1 day ago"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(days=40), "2026-10-15"),
        (timedelta(minutes=-5), "in 5 min"),
    ],
)
def test_relative_times(age: timedelta, expected: str) -> None:
    """One unit, and the date when it is long ago."""
    assert relative_time(_NOW - age, now=_NOW) == expected


def test_digests_are_shortened() -> None:
    """Twelve characters tell releases apart."""
    assert short_digest("0123456789abcdef") == "0123456789ab"
