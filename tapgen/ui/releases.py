"""Releases as people read them: one line each in a list, and one release on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.tables import relative_time, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from tapgen.deploy.state.release_status import ReleaseStatus
    from tapgen.ledger.record import Intent, Record

_NOTE_WIDTH = 70
_COMMIT_CHARACTERS = 7
_HEADERS = ("", "#", "release", "status", "when", "who", "commit", "changes", "note")


def list_releases(listed: Sequence[tuple[Record, ReleaseStatus]], *, live: Record | None, now: datetime) -> str:
    """A table, newest first, with an arrow at the live release."""
    rows = [
        (
            "→" if live and record.sequence == live.sequence else "",
            str(record.sequence),
            record.release_id,
            standing.word,
            relative_time(record.intent.started_at, now=now),
            _short_caller(record.intent.who),
            _commit(record.intent),
            _counts(record),
            _note(record, standing),
        )
        for record, standing in reversed(listed)
    ]
    return table(_HEADERS, rows, "<>")


def show_release(record: Record, standing: ReleaseStatus, *, is_live: bool) -> Iterator[str]:
    """Everything that the record says, in lines."""
    intent = record.intent
    yield from _pairs(_head(record, standing, is_live=is_live))
    if intent.adopts:
        yield ""
        yield "adopted"
        rows = [(each.part, each.resource_type, each.physical_id) for each in intent.adopts]
        yield from (f"  {line}" for line in table((), rows).splitlines())
    for title, files in (("templates", intent.templates), ("artifacts", intent.artifacts)):
        if not files:
            continue
        yield ""
        yield title
        yield from (f"  {line}" for line in table((), [(file.name, file.key) for file in files]).splitlines())
    if record.plan:
        yield ""
        yield f"changes     {_counts(record) or 'none'}"
        yield from (f"  {line}" for line in record.plan.changes)
    versions = {name: arn for name, arn in _outputs(record).items() if name.endswith("VersionArn")}
    if versions:
        yield ""
        yield "versions"
        yield from (f"  {line}" for line in table((), list(versions.items())).splitlines())
    if record.outcome and record.outcome.verdict:
        yield ""
        yield "verdict"
        yield from (f"  {line}" for line in _figures(record.outcome.verdict))


def _head(record: Record, standing: ReleaseStatus, *, is_live: bool) -> Iterator[tuple[str, str]]:
    intent = record.intent
    yield "release", f"{record.release_id}  #{record.sequence}{'  live' if is_live else ''}"
    yield "status", standing.word
    for line in (record.outcome.reason if record.outcome else standing.note).splitlines():
        yield "", line
    yield "operation", intent.operation
    if intent.restores:
        yield "restores", f"{intent.restores.release_id}  #{intent.restores.sequence}"
    if intent.stops:
        yield "stops", f"{intent.stops.release_id}  #{intent.stops.sequence}"
    if intent.previous:
        yield "before it", f"{intent.previous.release_id}  #{intent.previous.sequence or '?'}"
    yield "who", f"{intent.who} on {intent.host}, {intent.tool}"
    if intent.planned:
        yield (
            "planned by",
            f"{intent.planned.who} on {intent.planned.host}, as release {intent.planned.sequence}",
        )
    yield "started", f"{intent.started_at:%Y-%m-%d %H:%M:%S} UTC"
    if record.outcome:
        unwatched = "" if record.outcome.watched else ", found ended later"
        yield "finished", f"{record.outcome.finished_at:%Y-%m-%d %H:%M:%S} UTC{unwatched}"
    if intent.source:
        yield "commit", intent.source.commit + (" with uncommitted changes" if intent.source.dirty else "")
    yield from _exceptions(record)
    for name, value in intent.parameters.items():
        yield "parameter", f"{name} = {value}"


def _exceptions(record: Record) -> Iterator[tuple[str, str]]:
    """What was not an ordinary deploy about it."""
    intent = record.intent
    if intent.step:
        yield "update", intent.step.text
    if intent.break_glass:
        yield "break glass", f"{intent.break_glass.reason} (past {', '.join(intent.break_glass.alarms)})"
    for text in record.plan.allowed if record.plan else ():
        yield "allowed", f"{text}, by {_short_caller(intent.allowances.allowed_by if intent.allowances else '')}"


def _pairs(pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
    for name, value in pairs:
        yield f"{name:<11} {value}"


def _figures(verdict: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for name, value in verdict.items():
        if isinstance(value, dict):
            yield f"{indent}{name}"
            yield from _figures(value, f"{indent}  ")
        else:
            yield f"{indent}{name}: {value}"


def _outputs(record: Record) -> Mapping[str, str]:
    return record.outcome.outputs if record.outcome else {}


def _counts(record: Record) -> str:
    if record.plan is None:
        return ""
    signs = {"add": "+", "modify": "~", "replace": "±", "remove": "-"}
    return " ".join(f"{signs.get(kind, kind)}{count}" for kind, count in record.plan.counts.items() if count)


def _commit(intent: Intent) -> str:
    source = intent.source
    return f"{source.commit[:_COMMIT_CHARACTERS]}{'+' if source.dirty else ''}" if source else ""


def _note(record: Record, standing: ReleaseStatus) -> str:
    parts = []
    if record.intent.stops:
        parts.append(f"stop of #{record.intent.stops.sequence}")
    if record.intent.restores:
        parts.append(f"rollback to #{record.intent.restores.sequence}")
    if record.intent.adopts:
        parts.append(", ".join(each.part for each in record.intent.adopts))
    if record.intent.break_glass:
        parts.append("break glass")
    if standing.note:
        parts.append(standing.note)
    note = "; ".join(parts)
    return note if len(note) <= _NOTE_WIDTH else f"{note[: _NOTE_WIDTH - 1]}…"


def _short_caller(arn: str) -> str:
    """The name at the end of a caller's ARN: ``user/ada`` → ``ada``, ``assumed-role/deploy/ci`` → ``deploy/ci``."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    return name or kind
