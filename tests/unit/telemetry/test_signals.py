"""The golden signals: figures from series, and figures as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tapgen.aws.metrics import Range, Series
from tapgen.telemetry.signals import Signals, arrange, choose_period_s
from tapgen.ui.signals import signal_lines

_START = datetime(2025, 11, 24, 12, 0, tzinfo=UTC)
_WITHIN = Range(start=_START, end=_START + timedelta(minutes=10))


def _series(identifier: str, *values: float | None, label: str = "") -> Series:
    start = _START.timestamp()
    points = tuple((start + 120 * index, value) for index, value in enumerate(values) if value is not None)
    return Series(id=identifier, label=label or identifier, points=points)


def _signals() -> Signals:
    return arrange(
        [
            _series("count", 100, 200, 50),
            _series("server", 0, 2),
            _series("client", 10, 20, 0),
            _series("latency_p50", 10, 12, 11),
            _series("latency_p99", 100, 900, 90),
            _series("throttles", 0, 4, 0),
            _series("v_served", 100, 150, 30, label="9"),
            _series("v_served", None, 50, 10, label="10"),
            _series("v_failed", 0, 0, 0, label="9"),
            _series("v_failed", None, 2, 1, label="10"),
            _series("v_p90", 20, 21, 22, label="9"),
        ],
        _WITHIN,
        period_s=120,
    )


def test_figures_of_the_api() -> None:
    """Rates are per minute whatever the period, errors are shares of the requests, silence is not zero."""
    found = _signals()

    signals = {signal.name: signal for signal in found.api}
    assert (found.requests, found.failures) == (350, 2)
    assert [value for _, value in signals["requests"].points] == [50, 100, 25]
    assert [value for _, value in signals["5xx"].points] == [0, 1, 0]
    assert (signals["latency p99"].last, signals["latency p99"].typical, signals["latency p99"].worst) == (90, 100, 900)
    assert signals["latency p90"].last is None
    assert signals["throttled"].worst == 2


def test_figures_by_version() -> None:
    """The newest version first, by number; shares are of the last period, errors of each version's own calls."""
    newest, older = _signals().versions

    assert (newest.version, newest.share) == ("10", 0.25)
    assert (older.version, older.share) == ("9", 0.75)
    errors = {signal.name: signal for signal in newest.signals}["errors"]
    assert [value for _, value in errors.points] == [4, 10]


@pytest.mark.parametrize(
    ("length_s", "period_s"), [(30, 60), (3600, 60), (3660, 120), (6 * 3600, 360), (86400, 1440), (7 * 86400, 10080)]
)
def test_periods_are_whole_minutes(length_s: float, period_s: int) -> None:
    """At most sixty of them, none shorter than a minute."""
    assert choose_period_s(length_s) == period_s


@pytest.mark.parametrize("width", [80, 100, 200])
def test_text_fits_and_says_all(width: int) -> None:
    """No line is wider than the terminal; what is wrong now is coloured, and only where colour is wanted."""
    plain = list(signal_lines(_signals(), title="svc", width=width, color=False))
    coloured = list(signal_lines(_signals(), title="svc", width=width, color=True))

    assert max(map(len, plain)) <= width
    assert plain[1] == "350 requests, 2 of them answered with 5xx, in the last 10 min 00 s"
    assert any(line.startswith("version 10: 25.0% of the invocations") for line in plain)
    (p99,) = [line for line in plain if line.startswith("latency p99 ms")]
    assert p99.split()[3:6] == ["90", "100", "900"]
    assert "█" in p99
    assert not any("\x1b" in line for line in plain)
    assert any(line.startswith("\x1b[31;1merrors %") for line in coloured)


def test_without_traffic_it_says_so() -> None:
    """No figures are made up."""
    text = "\n".join(signal_lines(arrange([], _WITHIN, period_s=60), title="svc", width=80, color=False))
    assert "0 requests" in text
    assert "no version has served in this time" in text
