"""What a record's verdict says of each shift, in words. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tapgen.deploy.shifts.verdict import explain_outcome
from tapgen.model import GuardAlarm, ShiftOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.ledger.record import Record
    from tapgen.report.model import ShiftStory


def with_verdicts(stories: Iterable[ShiftStory], record: Record) -> tuple[ShiftStory, ...]:
    """The stories, each with what came of it as far as the record says."""
    verdict = record.outcome.verdict if record.outcome else None
    outcomes = {each.function: each for each in map(_outcome, (verdict or {}).get("shifts", ()))}
    return tuple(_with_outcome(story, outcomes.get(story.function)) for story in stories)


def _with_outcome(story: ShiftStory, outcome: ShiftOutcome | None) -> ShiftStory:
    if outcome is None:
        return story
    return replace(story, words=tuple(explain_outcome(outcome)), outcome=outcome.outcome)


def _outcome(document: Mapping[str, Any]) -> ShiftOutcome:
    red = tuple(GuardAlarm(**alarm) for alarm in document["red"])
    return ShiftOutcome(**{**document, "red": red, "log_lines": tuple(document["log_lines"])})
