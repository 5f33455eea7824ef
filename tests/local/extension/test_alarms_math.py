"""Metric math and the states of alarms: pure, period by period, against CloudWatch's own examples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.extension.cloudwatch import alarm_math, anomaly_bands, percentile_ranks
from tapgen.local.extension.cloudwatch.alarm_state import Datapoint, Rule, decide, reason
from tapgen.local.extension.cloudwatch.math_functions import Array
from tapgen.local.extension.cloudwatch.metric_searches import Metric, find, label_all, take_searches

if TYPE_CHECKING:
    from tapgen.local.extension.cloudwatch.math_functions import Series

SERIES: dict[str, Series] = {
    "errors": (0.0, 2.0, None, 4.0),
    "invocations": (10.0, 0.0, 5.0, 8.0),
    "other": (1.0, 1.0, 1.0, 1.0),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("errors + other", (1.0, 3.0, None, 5.0)),
        ("-errors * 2", (0.0, -4.0, None, -8.0)),
        ("100 * errors / invocations", (0.0, None, None, 50.0)),
        ("1 + 2 * 3 ^ 2", (19.0, 19.0, 19.0, 19.0)),
        ("(1 + 2) * 3", (9.0, 9.0, 9.0, 9.0)),
        ("FILL(errors, 7)", (0.0, 2.0, 7.0, 4.0)),
        ("FILL(errors, REPEAT)", (0.0, 2.0, 2.0, 4.0)),
        ("FILL(errors, LINEAR)", (0.0, 2.0, 3.0, 4.0)),
        ("IF(invocations > 4, errors, 0)", (0.0, 0.0, None, 4.0)),
        ("IF(invocations > 4, errors)", (0.0, None, None, 4.0)),
        ("errors >= 2 AND invocations < 5", (0.0, 1.0, None, 0.0)),
        ("errors == 2 || other != 1", (0.0, 1.0, None, 0.0)),
        ("SUM(METRICS())", (11.0, 3.0, 6.0, 13.0)),
        ('SUM(METRICS("err"))', (0.0, 2.0, None, 4.0)),
        ("MAX([errors, other])", (1.0, 2.0, 1.0, 4.0)),
        ("MIN(errors)", (0.0, 0.0, 0.0, 0.0)),
        ("AVG(errors)", (2.0, 2.0, 2.0, 2.0)),
        ("SUM(FILL(METRICS(), 0))", (11.0, 3.0, 6.0, 13.0)),
        ("ABS(0 - errors)", (0.0, 2.0, None, 4.0)),
        ("CEIL(errors / 3)", (0.0, 1.0, None, 2.0)),
        ("FLOOR(errors / 3)", (0.0, 0.0, None, 1.0)),
    ],
)
def test_expressions(expression: str, expected: Series) -> None:
    """Each period has its value; where a value is missing, or a division is by zero, the result is missing."""
    assert alarm_math.evaluate(expression, SERIES, periods=4) == expected


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("errors +", "the end"),
        ("errors + nothing", "nothing"),
        ("(errors", r"'\)' is missing"),
        ("errors errors", "unexpected"),
        ("errors § 2", "cannot be read"),
        ("METRICS() + 1", "an array"),
        ("RATE(errors)", "RATE is not supported"),
        ("SEARCH('x', 'Sum')", "SEARCH is not supported on Metric Alarms."),
    ],
)
def test_expressions_that_cannot_be_evaluated(expression: str, fault: str) -> None:
    """The text says what is wrong."""
    queries: list[dict[str, Any]] = [
        {"Id": "errors", "MetricStat": {}, "ReturnData": False},
        {"Id": "result", "Expression": expression},
    ]
    with pytest.raises(ValueError, match=fault):
        alarm_math.check(queries)


def test_exactly_one_query_returns_data() -> None:
    """CloudWatch's own rule and text."""
    with pytest.raises(ValueError, match="Exactly one element of the metrics list should return data"):
        alarm_math.check([{"Id": "a", "MetricStat": {}}, {"Id": "b", "Expression": "a"}])


@pytest.mark.parametrize(
    ("expression", "threshold_id", "fault"),
    [
        ("ANOMALY_DETECTION_BAND(a)", None, "ANOMALY_DETECTION_BAND is not supported"),
        ("ANOMALY_DETECTION_BAND(a + a)", "band", "must name an expression"),
        ("ANOMALY_DETECTION_BAND(other)", "band", "only a band around a metric"),
        ("a", "band", "must name an expression"),
    ],
)
def test_bands_that_cannot_be_had_are_refused(expression: str, threshold_id: str | None, fault: str) -> None:
    """Silently never alarming would be worse."""
    queries: list[dict[str, Any]] = [
        {"Id": "a", "MetricStat": {"Stat": "p90"}},
        {"Id": "band", "Expression": expression},
    ]
    if threshold_id is None:
        queries[0]["ReturnData"] = False
    with pytest.raises(ValueError, match=fault):
        alarm_math.check(queries, threshold_id=threshold_id)


def test_a_band_is_mean_and_deviations() -> None:
    """The band lies around the mean of the history; below ten values there is none."""
    queries: list[dict[str, Any]] = [
        {"Id": "a", "MetricStat": {"Stat": "p90"}},
        {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(a, 3)"},
    ]
    alarm_math.check(queries, threshold_id="band")
    band = anomaly_bands.read_band(queries, "band")
    assert band.bounds([90.0, 110.0] * 5 + [None]) == (70.0, 130.0)
    assert band.bounds([100.0] * 9) is None


def test_a_percentile_rank_is_a_share_of_values() -> None:
    """Above the lower bound, up to and with the upper one, weighted by how often a value occurred."""
    samples = [(100.0, 1.0), (200.0, 2.0), (300.0, 1.0)]
    assert percentile_ranks.rank(samples, above=-1.0, up_to=200.0) == 75.0
    assert percentile_ranks.rank(samples, above=100.0, up_to=float("inf")) == 75.0
    assert percentile_ranks.rank(samples, above=-1.0, up_to=50.0) == 0.0


def rule(missing: str, datapoints: int = 3) -> Rule:
    return Rule(comparison="GreaterThanThreshold", threshold=0.0, periods=3, datapoints=datapoints, missing=missing)


TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize(
    ("datapoints", "drawn", "states"),
    [
        (3, "0-X-X", ("OK", "OK", "OK", "OK")),
        (3, "----0", ("OK", "OK", "OK", "OK")),
        (3, "-----", ("INSUFFICIENT_DATA", "before", "ALARM", "OK")),
        (3, "0XX-X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (3, "--X--", ("ALARM", "before", "ALARM", "OK")),
        (2, "0-X-X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (2, "00X0X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (2, "0-X--", ("OK", "OK", "ALARM", "OK")),
        (2, "----0", ("OK", "OK", "ALARM", "OK")),
        (2, "---X-", ("ALARM", "before", "ALARM", "OK")),
        (3, "----X", ("before", "before", "ALARM", "OK")),
    ],
)
def test_missing_data_as_in_the_user_guide(datapoints: int, drawn: str, states: tuple[str, ...]) -> None:
    """The tables of "Configuring how CloudWatch alarms treat missing data": 0 is good, X is bad, - is missing."""
    values = [{"0": 0.0, "X": 1.0, "-": None}[point] for point in reversed(drawn)]
    decided = tuple(decide(rule(missing, datapoints), values, "before") for missing in TREATMENTS)
    assert decided == states


def test_alarms_on_dynamodb_ignore_missing_data() -> None:
    """Whatever their TreatMissingData says."""
    alarm = {
        "Namespace": "AWS/DynamoDB",
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "breaching",
        "EvaluationPeriods": 1,
    }
    assert decide(Rule.of(alarm), [None, None, None], "OK") == "OK"


def seen(*values: float | None) -> list[Datapoint]:
    """Datapoints of consecutive minutes, the newest first, from 12:02 on 3 March backwards."""
    newest = datetime(2026, 3, 3, 12, 2, tzinfo=UTC).timestamp()
    return [Datapoint(newest - 60 * index, value, 1.0) for index, value in enumerate(values)]


@pytest.mark.parametrize(
    ("alarm", "values", "state", "text"),
    [
        (
            {"EvaluationPeriods": 1},
            [6.0, 1.0],
            "ALARM",
            "Threshold Crossed: 1 datapoint [6.0 (03/03/26 12:02:00)] was greater than the threshold (0.0).",
        ),
        (
            {"EvaluationPeriods": 2},
            [0.0, 0.0, 4.0],
            "OK",
            (
                "Threshold Crossed: 2 datapoints [0.0 (03/03/26 12:02:00), 0.0 (03/03/26 12:01:00)] were not greater "
                "than the threshold (0.0)."
            ),
        ),
        (
            {"EvaluationPeriods": 3, "DatapointsToAlarm": 3},
            [2.0, 1.0, 1.0],
            "ALARM",
            (
                "Threshold Crossed: 3 out of the last 3 datapoints [2.0 (03/03/26 12:02:00), 1.0 (03/03/26 12:01:00), "
                "1.0 (03/03/26 12:00:00)] were greater than the threshold (0.0) (minimum 3 datapoints for OK -> ALARM "
                "transition)."
            ),
        ),
        (
            {"EvaluationPeriods": 1, "DatapointsToAlarm": 1},
            [0.0],
            "OK",
            (
                "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (03/03/26 12:02:00)] was not greater than the "
                "threshold (0.0) (minimum 1 datapoint for ALARM -> OK transition)."
            ),
        ),
        (
            {"EvaluationPeriods": 3, "DatapointsToAlarm": 2},
            [0.0, 0.0, 1.0],
            "OK",
            (
                "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (03/03/26 12:02:00), 0.0 (03/03/26 12:01:00)] "
                "were not greater than the threshold (0.0) (minimum 2 datapoints for ALARM -> OK transition)."
            ),
        ),
        (
            {"EvaluationPeriods": 3},
            [None, None, None],
            "OK",
            (
                "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
                "[NonBreaching]."
            ),
        ),
    ],
)
def test_the_reason_of_a_state(alarm: dict[str, Any], values: list[float | None], state: str, text: str) -> None:
    """CloudWatch's words, which people and tools read: M out of N where the alarm gives DatapointsToAlarm."""
    given = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 0.0, **alarm}
    assert reason(Rule.of(given), seen(*values), state) == text


ARRAY = Array(((1.0, 3.0, None, 4.0), (3.0, 1.0, 5.0, None)), ("a", "b"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * found / SUM(found)", Array(((25.0, 75.0, None, 100.0), (75.0, 25.0, 100.0, None)), ("a", "b"))),
        ("FILL(found, 0)", Array(((1.0, 3.0, 0.0, 4.0), (3.0, 1.0, 5.0, 0.0)), ("a", "b"))),
        ("-found", Array(((-1.0, -3.0, None, -4.0), (-3.0, -1.0, -5.0, None)), ("a", "b"))),
        ("RUNNING_SUM(errors)", (0.0, 2.0, 2.0, 6.0)),
        ("DIFF(errors)", (None, 2.0, None, None)),
        ("100 * (1 - RUNNING_SUM(errors) / RUNNING_SUM(invocations))",
         (100.0, 80.0, pytest.approx(86.667, abs=0.01), pytest.approx(73.913, abs=0.01))),
    ],
)  # fmt: skip
def test_expressions_of_dashboards(expression: str, expected: Any) -> None:
    """Several series go through an expression one by one and keep their labels; running sums go on over gaps."""
    found = alarm_math.evaluate_any(expression, {**SERIES, "found": ARRAY}, periods=4, metrics=SERIES)
    assert found == expected


def test_arrays_have_no_place_in_an_alarm() -> None:
    """An alarm compares one series; two arrays cannot be combined at all."""
    with pytest.raises(ValueError, match="one metric is needed"):
        alarm_math.evaluate("METRICS() * 2", SERIES, periods=4)
    with pytest.raises(ValueError, match="two arrays"):
        alarm_math.evaluate("METRICS() + METRICS()", SERIES, periods=4)


def test_searches() -> None:
    """A search finds the metrics with exactly its dimensions and terms, labelled by what differs or as asked."""
    text, (search,) = take_searches(
        """100 * SEARCH('{AWS/Lambda,FunctionName,ExecutedVersion} MetricName="Errors" FunctionName="f"', 'Sum', 60)"""
    )
    assert text == "100 * search0"
    metrics = [
        Metric("AWS/Lambda", name, (("ExecutedVersion", version), ("FunctionName", function)))
        for name, version, function in [
            ("Errors", "8", "f"),
            ("Errors", "7", "f"),
            ("Errors", "7", "g"),
            ("Other", "7", "f"),
        ]
    ] + [Metric("AWS/Lambda", "Errors", (("FunctionName", "f"),))]
    found = find(search, metrics)
    assert [dict(metric.dimensions)["ExecutedVersion"] for metric in found] == ["7", "8"]
    assert label_all("", found) == ["7", "8"]
    assert label_all("v${PROP('Dim.ExecutedVersion')} ${PROP('MetricName')}", found) == ["v7 Errors", "v8 Errors"]
    assert (search.statistic, search.period_s) == ("Sum", 60)
    with pytest.raises(ValueError, match="cannot search"):
        take_searches("SEARCH('{AWS/Lambda} some words', 'Sum')")
