"""The alarms: thresholds, rates, objectives, escalation, and what a shift keeps quiet."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

from tapgen.config.alarms import BurnRate, LatencyObjective, Slo
from tests.unit.templates.variants import VARIANTS, Template, environment, of_type, properties, templates

SLO = Slo(
    period_days=30,
    availability_percent=99.9,
    latency=LatencyObjective(threshold_ms=250, percent=95.0),
    minimum_requests=50,
    burn_rates=(
        BurnRate(long_min=60, short_min=5, factor=14.4, severity="critical"),
        BurnRate(long_min=1440, short_min=120, factor=3.0, severity="warning"),
    ),
)
PREFIX = "transactions-dev-eu-west-1-"


def _observability(name: str = "dev", **changes: Any) -> Template:
    return templates(environment(name, **changes))["observability"]


def _alarms(template: Template) -> dict[str, Template]:
    """AlarmName without prefix → (logical id and) properties, of metric alarms and composite ones."""
    found = of_type(template, "AWS::CloudWatch::Alarm") | of_type(template, "AWS::CloudWatch::CompositeAlarm")
    return {item["Properties"]["AlarmName"].removeprefix(PREFIX): item["Properties"] for item in found.values()}


def _children(rule: str) -> set[str]:
    return {name.removeprefix(PREFIX) for name in re.findall(r'ALARM\("([^"]+)"\)', rule)}


def _description(alarm: Template) -> str:
    return "".join(part if isinstance(part, str) else "…" for part in alarm["AlarmDescription"]["Fn::Join"][1])


def _told(alarm: Template) -> list[str]:
    """The topics that hear of an alarm; those that hear of its end are the same."""
    assert alarm.get("AlarmActions") == alarm.get("OKActions")
    return [action["Ref"] for action in alarm.get("AlarmActions", [])]


THRESHOLDS = [
    ("api-errors", "alarms__function_errors", "warning"),
    ("archiver-errors", "alarms__function_errors", "warning"),
    ("api-throttles", "alarms__function_throttles", "warning"),
    ("archiver-throttles", "alarms__function_throttles", "warning"),
    ("api-5xx", "alarms__api_5xx", "warning"),
    ("api-error-rate", "alarms__error_rate_percent", "critical"),
    ("api-5xx-rate", "alarms__error_rate_percent", "critical"),
    ("archiver-lag", "alarms__iterator_age_ms", "warning"),
    ("dead-letters", "alarms__dead_letter_depth", "critical"),
]


@pytest.mark.parametrize(("alarm", "setting", "severity"), THRESHOLDS)
def test_threshold_comes_from_the_configuration(alarm: str, setting: str, severity: str) -> None:
    """Each alarm goes off at its setting's value, and says how bad that is."""
    changed: dict[str, Any] = {setting: 7}
    found = _alarms(_observability("dev", **changed))[alarm]

    assert found["Threshold"] == 7
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert _description(found).startswith(f"{severity}: ")


@pytest.mark.parametrize("name", VARIANTS)
def test_every_alarm_calls_people_once(name: str) -> None:
    """An alarm tells the topic of its severity, or a composite alarm that names it does; never both, never nobody."""
    template = templates(VARIANTS[name])["observability"]
    composites = of_type(template, "AWS::CloudWatch::CompositeAlarm").values()
    speaking = {name for item in composites for name in re.findall(r'"([^"]+)"', item["Properties"]["AlarmRule"])}
    for logical_id, item in of_type(template, "AWS::CloudWatch::Alarm").items():
        alarm = item["Properties"]
        severity = _description(alarm).partition(":")[0]
        told = _told(alarm)
        assert told in ([], [f"{severity.capitalize()}Topic"]), logical_id
        assert told or alarm["AlarmName"] in speaking, logical_id
    for item in composites:
        severity = _description(item["Properties"]).partition(":")[0]
        assert _told(item["Properties"]) == [f"{severity.capitalize()}Topic"]


def test_description_has_severity_text_runbook_and_dashboard() -> None:
    """What a pager shows is enough to begin with; a published runbook is linked, else the command that prints it."""
    text = _description(_alarms(_observability())["dead-letters"])
    assert text == (
        "critical: What could not be handled waits in the dead-letters queue (transactions-dev). "
        "Runbook: `tapgen runbook dead-letters` "
        "Dashboard: https://…/cloudwatch/home?region=…#dashboards/dashboard/transactions-dev-eu-west-1-service"
    )
    published = _observability(alarms__runbook_base_url="https://wiki.example.com/runbooks")
    assert " Runbook: https://wiki.example.com/runbooks/escalation.md " in _description(
        _alarms(published)["escalation"]
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_descriptions_and_rules_fit(name: str) -> None:
    """CloudWatch takes 1,024 characters of description and 10,240 of a composite alarm's rule (API reference)."""
    for alarm in _alarms(templates(VARIANTS[name])["observability"]).values():
        assert len(_description(alarm)) <= 900
        assert len(alarm.get("AlarmRule", "")) <= 10_240


def test_latency_alarm_is_baseline_times_tolerance() -> None:
    """The p90 threshold is the baseline and how far from it is still well."""
    alarm = properties(_observability(alarms__latency_p90_baseline_ms=100, alarms__latency_tolerance=2.5), "ApiLatency")

    assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p90", 250)


def test_latency_alarm_can_be_a_band() -> None:
    """By configuration the p90 is compared with what CloudWatch has learnt, and with no threshold besides."""
    alarms = _alarms(_observability(alarms__latency_detection="anomaly-band", alarms__latency_band_width=2.5))

    for name in ("api-latency", "api-latency-lasts"):
        alarm = alarms[name]
        metric, band = alarm["Metrics"]
        assert (metric["MetricStat"]["Stat"], metric["ReturnData"]) == ("p90", True)
        assert band["Expression"] == "ANOMALY_DETECTION_BAND(duration, 2.5)"
        assert alarm["ThresholdMetricId"] == band["Id"]
        assert alarm["ComparisonOperator"] == "GreaterThanUpperThreshold"
        assert "Threshold" not in alarm


def _expression(alarm: Template) -> str:
    """The expression that the alarm is decided by; its metrics return nothing and share its period."""
    *metrics, last = alarm["Metrics"]
    assert last["ReturnData"]
    assert not any(metric["ReturnData"] for metric in metrics)
    assert len({metric["MetricStat"]["Period"] for metric in metrics}) == 1
    return str(last["Expression"])


def test_rates_need_traffic() -> None:
    """Below the minimum a rate is 0: one failure of one request is no outage."""
    alarms = _alarms(_observability(alarms__error_rate_minimum_requests=9))

    assert _expression(alarms["api-error-rate"]) == "IF(invocations >= 9, 100 * errors / invocations, 0)"
    assert _expression(alarms["api-5xx-rate"]) == "IF(requests >= 9, 100 * failures / requests, 0)"


def test_table_throttles_warn_and_end() -> None:
    """Through an expression that fills silence with 0: a plain alarm on AWS/DynamoDB would stay red without data."""
    for kind in ("Read", "Write"):
        alarm = properties(_observability(), f"TransactionsTable{kind}Throttles")
        (metric, _) = alarm["Metrics"]
        assert metric["MetricStat"]["Metric"] == {
            "Namespace": "AWS/DynamoDB",
            "MetricName": f"{kind}ThrottleEvents",
            "Dimensions": [{"Name": "TableName", "Value": f"{PREFIX}transactions"}],
        }
        assert _expression(alarm) == "FILL(throttles, 0)"
        assert "Namespace" not in alarm


def test_objectives_are_watched_over_two_windows() -> None:
    """Each burn rate has an alarm for each window and a composite alarm that needs both."""
    alarms = _alarms(_observability(slo=SLO))

    for objective, bad in (("availability", "100 * failures / requests / 0.1"), ("latency", "(100 - fast) / 5")):
        for (long, factor, severity), short in zip(
            (("1h", 14.4, "critical"), ("1d", 3.0, "warning")), (300, 7200), strict=True
        ):
            both = alarms[f"{objective}-burn-{long}"]
            assert _children(both["AlarmRule"]) == {f"{objective}-burn-{long}-{window}" for window in ("long", "short")}
            assert " AND " in both["AlarmRule"]
            assert _told(both) == [f"{severity.capitalize()}Topic"]
            for window, period in (("long", {"1h": 3600, "1d": 86400}[long]), ("short", short)):
                alarm = alarms[f"{objective}-burn-{long}-{window}"]
                assert alarm["Threshold"] == factor
                assert _told(alarm) == []
                assert _expression(alarm) == f"IF(requests >= 50, {bad}, 0)"
                assert alarm["Metrics"][0]["MetricStat"]["Period"] == period
    (_, fast, _) = alarms["latency-burn-1h-long"]["Metrics"]
    assert fast["MetricStat"]["Stat"] == "PR(:250)"


def test_no_objectives_no_burn_rates() -> None:
    """`slo: null` leaves out what an environment without promises would pay for."""
    assert not any("burn" in name for name in _alarms(_observability(slo=None)))


@pytest.mark.parametrize("name", VARIANTS)
def test_windows_are_ones_that_cloudwatch_looks_back_over(name: str) -> None:
    """No period beyond a day, and a day at most where it is below an hour (API reference, PutMetricAlarm)."""
    for alarm in of_type(templates(VARIANTS[name])["observability"], "AWS::CloudWatch::Alarm").values():
        given = alarm["Properties"]
        periods = [given["Period"]] if "Period" in given else []
        periods += [query["MetricStat"]["Period"] for query in given.get("Metrics", ()) if "MetricStat" in query]
        for period in periods:
            assert period % 60 == 0
            assert period <= 86_400
            assert period * given["EvaluationPeriods"] <= (604_800 if period >= 3600 else 86_400)


def test_a_warning_that_lasts_is_critical() -> None:
    """Every warning has a twin over the configured minutes, which calls nobody and raises the escalation."""
    alarms = _alarms(_observability(alarms__escalate_after_min=20))

    warnings = {name for name, alarm in alarms.items() if f"{name}-lasts" in alarms}
    assert warnings == {
        "api-5xx", "api-errors", "api-latency", "api-throttles", "archiver-lag", "archiver-errors",
        "archiver-throttles", "transactions-read-throttles", "transactions-write-throttles",
    }  # fmt: skip
    for name in warnings:
        lasting = alarms[f"{name}-lasts"]
        assert (lasting["EvaluationPeriods"], lasting["DatapointsToAlarm"]) == (20, 16)
        assert lasting.get("Threshold") == alarms[name].get("Threshold")
        assert _told(lasting) == []
    rule = alarms["escalation"]["AlarmRule"]
    assert {f"{name}-lasts" for name in warnings} <= set(
        _children(" ".join(term for term in rule.split(" OR ") if " AND " not in term))
    )
    assert _told(alarms["escalation"]) == ["CriticalTopic"]


def test_without_a_time_no_warning_lasts() -> None:
    """`escalate_after_min: null` leaves the twins out; two warnings at once still escalate."""
    alarms = _alarms(_observability(alarms__escalate_after_min=None))

    assert not any(name.endswith("-lasts") for name in alarms)
    assert " AND " in alarms["escalation"]["AlarmRule"]


def test_two_warnings_at_once_are_critical() -> None:
    """Any two of different areas; what a guard sees on both sides does not count while a shift runs."""
    rule = _alarms(_observability(alarms__escalate_after_min=None))["escalation"]["AlarmRule"]

    pairs = {frozenset(_children(term)) for term in rule.split(" OR ")}
    assert frozenset({"api-throttles", "archiver-lag"}) in pairs
    assert frozenset({"transactions-read-throttles", "api-errors"}) in pairs
    # One failing request is an error of the function and a 5xx of the API: one trouble.
    assert not any({"api-errors", "api-5xx"} <= pair for pair in pairs)
    assert not any({"transactions-read-throttles", "transactions-write-throttles"} <= pair for pair in pairs)
    assert frozenset({"api-errors", "api-latency", "shift-running"}) in pairs
    assert f'AND NOT ALARM("{PREFIX}shift-running")' in rule


def test_what_guards_see_is_told_by_one_alarm_that_waits_for_the_shift() -> None:
    """The composite alarm over what guards watch is suppressed while the start of a shift is recent."""
    template = _observability("prod")
    guarded = properties(template, "GuardedWarnings")
    running = properties(template, "ShiftRunning")

    assert guarded["ActionsSuppressor"] == running["AlarmName"]
    assert guarded["ActionsSuppressorWaitPeriod"] > 0
    children = {name.rpartition("eu-west-1-")[2] for name in re.findall(r'"([^"]+)"', guarded["AlarmRule"])}
    assert children == {"api-errors", "api-5xx", "api-latency", "archiver-errors"}
    # A canary of ten minutes, and what hooks and the last guard need.
    assert running["Period"] == 15 * 60
    assert running["Dimensions"] == [{"Name": "RuleName", "Value": "transactions-prod-eu-west-1-shift-starts"}]
    (rule,) = [
        item["Properties"]
        for item in of_type(template, "AWS::Events::Rule").values()
        if item["Properties"]["Name"] == running["Dimensions"][0]["Value"]
    ]
    assert rule["EventPattern"]["detail"]["state"] == ["START"]


@pytest.mark.parametrize("name", VARIANTS)
def test_composite_alarms_name_alarms_that_are_there_first(name: str) -> None:
    """A rule or a suppressor that names a missing alarm fails the stack."""
    template = templates(VARIANTS[name])["observability"]
    ids = {item["Properties"]["AlarmName"]: key for key, item in of_type(template, "AWS::CloudWatch::Alarm").items()}
    for item in of_type(template, "AWS::CloudWatch::CompositeAlarm").values():
        named = re.findall(r'ALARM\("([^"]+)"\)', item["Properties"]["AlarmRule"])
        named += [item["Properties"][key] for key in ("ActionsSuppressor",) if key in item["Properties"]]
        assert {ids[name] for name in named} == set(item["DependsOn"])


def test_the_catalogue_needs_no_template() -> None:
    """Definitions are plain values: they can be listed, compared and serialised without a stack."""
    from tapgen.naming import Names
    from tapgen.templates.alarms.catalogue import build_catalogue

    wanted = environment("prod")
    found = list(build_catalogue(wanted, Names(wanted)).definitions)

    assert len({item.slug for item in found}) == len({item.logical_id for item in found}) == len(found)
    assert json.dumps([dataclasses.asdict(item) for item in found])
