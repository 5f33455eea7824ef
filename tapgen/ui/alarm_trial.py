"""The outcome of an alarm's trial as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.telemetry.alarm_trial import Act, Raised, TopicReach, Trial


def trial_lines(trial: Trial) -> Iterator[str]:
    """What was set, what that did, who hears of it, and what is in the way."""
    yield f"{trial.alarm}: {trial.previous} → {trial.state}, and back to {trial.restored}"
    yield "  a metric alarm's next evaluation decides again, whatever is set"
    yield from _section("actions", [_act(act) for act in trial.acts])
    yield from _section("composite alarms", [_raised(item) for item in trial.composites])
    for reach in trial.topics:
        yield from _section(f"topic {reach.topic.rpartition(':')[2]}", _subscriptions(reach))
    for text in trial.warnings:
        yield f"warning: {text}"


def _section(title: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield title
        yield from (f"  {line}" for line in table((), rows).splitlines())


def _act(act: Act) -> tuple[str, ...]:
    text = "" if act.outcome == "executed" else act.text
    return act.outcome, act.alarm, act.target.rpartition(":")[2], text


def _raised(item: Raised) -> tuple[str, ...]:
    return item.name, "goes off with it" if item.expected else "needs more than this alarm", item.state


def _subscriptions(reach: TopicReach) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [
        ("confirmed" if item.confirmed else "pending", item.protocol, item.endpoint) for item in reach.subscriptions
    ]
    return found or [("nobody is subscribed",)]
