"""What a trial expects of composite alarms, and how it finds an alarm."""

from __future__ import annotations

import pytest

from tapgen.aws.alarm_states import AlarmState
from tapgen.aws.topics import Subscription
from tapgen.errors import UsageError
from tapgen.telemetry import alarm_rules
from tapgen.telemetry.alarm_trial import Act, TopicReach, Trial, composites_above, find_alarm

STATES = {"one": "ALARM", "two": "OK", "three": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('ALARM("one")', True),
        ("ALARM(one)", True),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:one)", True),
        ('OK("two") AND INSUFFICIENT_DATA("three")', True),
        ('ALARM("two") OR ALARM("one") AND NOT ALARM("two")', True),
        ('(ALARM("one") OR ALARM("two")) AND ALARM("two")', False),
        ('NOT ALARM("one")', False),
        ('ALARM("missing")', False),
        ("TRUE AND NOT FALSE", True),
    ],
)
def test_rules_are_decided_as_cloudwatch_does(rule: str, *, expected: bool) -> None:
    """States, AND before OR, NOT before both, parentheses, names and ARNs."""
    assert alarm_rules.holds(rule, STATES) is expected


@pytest.mark.parametrize("rule", ['ALARM("one") AND', 'AND ALARM("one")', 'ALARM("one") ALARM("two")', ""])
def test_a_rule_that_cannot_be_read_is_refused(rule: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="the rule"):
        alarm_rules.holds(rule, STATES)


def _alarm(name: str, *, state: str = "OK", rule: str = "") -> AlarmState:
    return AlarmState(name=name, state=state, actions={}, actions_enabled=True, rule=rule)


ALARMS = {
    item.name: item
    for item in (
        _alarm("d-lag"),
        _alarm("d-errors", state="ALARM"),
        _alarm("d-other"),
        _alarm("d-both", rule='ALARM("d-lag") AND ALARM("d-errors")'),
        _alarm("d-pair", rule='ALARM("d-lag") AND ALARM("d-other")'),
        _alarm("d-top", rule='ALARM("d-both")'),
        _alarm("d-apart", state="ALARM", rule='ALARM("d-errors")'),
    )
}


def test_composite_alarms_are_followed_upwards() -> None:
    """Each that looks at the alarm, directly or not, with whether it goes off in the present state of the others."""
    found = {item.name: item.expected for item in composites_above(ALARMS, ALARMS["d-lag"], "ALARM")}

    assert found == {"d-both": True, "d-pair": False, "d-top": True}


@pytest.mark.parametrize("name", ["lag", "d-lag"])
def test_an_alarm_is_found_with_or_without_the_prefix(name: str) -> None:
    """People know the last part."""
    assert find_alarm(ALARMS, "d-", name) is ALARMS["d-lag"]


def test_a_name_that_is_wrong_is_answered_with_those_that_are_near() -> None:
    """A slip costs no look into the console."""
    with pytest.raises(UsageError) as refused:
        find_alarm(ALARMS, "d-", "lagg")
    assert "lag" in refused.value.hint


def _trial(*acts: Act, confirmed: bool | None = None) -> Trial:
    heard = () if confirmed is None else (Subscription(protocol="email", endpoint="a@b.c", confirmed=confirmed),)
    topics = (TopicReach(topic="arn:topic", subscriptions=heard),) if acts else ()
    return Trial(alarm="d-lag", previous="OK", state="ALARM", acts=acts, composites=(), topics=topics, restored="OK")


DONE = Act(alarm="d-lag", target="arn:topic", outcome="executed", text="")


def test_a_trial_that_reached_somebody_has_no_warning() -> None:
    """Exit 0 means that a person would have been called."""
    assert _trial(DONE, confirmed=True).warnings == ()


@pytest.mark.parametrize("confirmed", [None, False])
def test_a_topic_that_nobody_hears_is_warned_of(*, confirmed: bool | None) -> None:
    """No subscription, or one that nobody has confirmed."""
    assert _trial(DONE, confirmed=confirmed).warnings == ("no confirmed subscription: arn:topic",)


def test_an_alarm_without_actions_is_warned_of() -> None:
    """It and everything above it is silent."""
    assert _trial().warnings == ("d-lag has no action for ALARM, and raises no composite alarm that has one",)
