"""The live board as lines of text, drawn from the progress alone. Pure: no terminal, no clock, no rich.

::

    Executing the change set                                              1 min 24 s
      root         UPDATE_IN_PROGRESS
      Data         [##########......]   5/8   updating TransactionsTable
      Compute      [####............]   3/14  creating ApiVersion2 (+1)
    shift shop-api  v3 -> v4 10%
      [##..............] 100% in 4 min 10 s; 41 requests, 0 errors
      hooks: pre-traffic ok, post-traffic waits
      OK     Sum Errors >= 1      last 0   shop-api-errors-4
      OK     p90 Duration >= 300  last 12  shop-api-latency-4

A shift comes last and keeps its lines when room is short: it is what people wait for. Stacks give way to it, settled
ones first; then the guards that are OK, the other guards, and all but who moves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.ui.progress import ROOT
from tapgen.ui.shifts import guard_cells, hook_words, next_words, served_words, version_words, with_short_names
from tapgen.ui.style import Line, style_of
from tapgen.ui.tables import human_duration, human_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tapgen.events import UploadProgressed
    from tapgen.model import GuardAlarm, Shift
    from tapgen.ui.progress import Progress, StackProgress

MAX_LINES = 24
"""A board that is taller is not calm any more."""
_WIDE = 70
# Steps in which CloudFormation works.
_FOLLOWED = frozenset({"bootstrap", "delete", "execute"})
_STEADY_S = 1.0
# What CloudFormation does, in one word; the first that the status contains counts.
_VERBS = (
    ("CLEANUP", "cleaning up"),
    ("ROLLBACK", "rolling back"),
    ("CREATE", "creating"),
    ("UPDATE", "updating"),
    ("DELETE", "deleting"),
    ("IMPORT", "importing"),
)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A stack and what its own events do not say of it."""

    label: str
    stack: StackProgress
    failures: int
    """Causes in it, not consequences."""
    undoing: bool
    """The whole operation is rolled back."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When a picture is drawn."""

    now: datetime
    """Aware."""
    elapsed_s: float
    """Since the step under way began."""


def board_lines(progress: Progress, *, width: int, height: int, moment: Moment) -> list[Line]:
    """The step under way, its upload or stacks, and the running shifts; empty when no step is under way.

    Args:
        progress: What is known.
        width: Columns; no line is longer.
        height: Lines of the terminal; the board leaves one free and is never taller than ``MAX_LINES``.
        moment: When it is drawn.
    """
    if progress.step is None:
        return []
    room = min(MAX_LINES, height - 1)
    lines = [_title(progress.step.text, width=width, elapsed_s=moment.elapsed_s)]
    if progress.upload is not None:
        return [*lines, _upload_line(progress.upload, width)]
    if progress.step.step not in _FOLLOWED:
        return lines
    shown = [with_short_names(shift, progress.short) for shift in progress.shifts.values()]
    shifts = _all_shift_lines(shown, width=width, room=room - 2, now=moment.now)
    stacks = _stack_lines(progress, width=width, room=room - len(lines) - len(shifts))
    return [*lines, *stacks, *shifts]


def _title(text: str, *, width: int, elapsed_s: float) -> Line:
    """The step, and how long it has taken at the right; the first second is not worth a number."""
    if elapsed_s < _STEADY_S:
        return Line(text=_cut(text, width), style="strong")
    seconds = int(elapsed_s)
    passed = f"{seconds} s" if seconds < 60 else human_duration(seconds)
    room = width - len(passed) - 2
    return Line(text=f"{_cut(text, room):<{room}}  {passed}", style="strong")


def _upload_line(upload: UploadProgressed, width: int) -> Line:
    share = upload.done_bytes / max(upload.total_bytes, 1)
    size = f"{human_size(upload.done_bytes)} of {human_size(upload.total_bytes)}"
    text = f"  {_bar(share, width)}{share:>4.0%}  {upload.done_objects} of {upload.total_objects} objects, {size}"
    return Line(text=_cut(text, width))


def _stack_lines(progress: Progress, *, width: int, room: int) -> list[Line]:
    """A line for each stack; when they do not all fit, settled ones become one line, and then the last are left out."""
    rows = _rows(progress)
    shown, notes = rows, list[Line]()
    if len(rows) > room:
        shown = [row for row in rows if row.stack.settling or row.failures][: max(room - 1, 0)]
        notes = [Line(text=_cut(f"  and {len(rows) - len(shown)} more stacks", width), style="dim")]
    names = min(max((len(row.label) for row in shown), default=0), width // 4)
    lines = [_stack_line(row, names=names, width=width) for row in shown]
    return [*lines, *notes][: max(room, 0)]


def _rows(progress: Progress) -> list[_Row]:
    causes = Counter(failure.stack for failure in progress.failures)
    root = progress.stacks.get(ROOT)
    undoing = root is not None and "ROLLBACK" in root.status
    return [
        _Row(label=label, stack=stack, failures=causes[label], undoing=undoing or "ROLLBACK" in stack.status)
        for label, stack in progress.stacks.items()
        if stack.status or stack.total
    ]


def _stack_line(row: _Row, *, names: int, width: int) -> Line:
    stack = row.stack
    head = f"  {_cut(row.label, names):<{names}}  "
    if not stack.total:
        text = stack.status
    elif not stack.planned:
        # Nobody announced what there is to do: a share of what came up so far would only go back again and again.
        text = f"{stack.done} done  {_now(row)}"
    else:
        text = f"{_bar(stack.done / stack.total, width)}{stack.done:>4}/{stack.total:<3} {_now(row)}"
    settled = "" if stack.settling else style_of(stack.status)
    return Line(text=_cut(head + text, width).rstrip(), style="bad" if row.failures else settled)


def _now(row: _Row) -> str:
    """What moves, or how it ended; failures in words."""
    failed = f"{row.failures} FAILED, " if row.failures else ""
    if not row.stack.moving:
        return failed + (row.stack.status or "waiting")
    (logical_id, status), others = next(iter(row.stack.moving.items())), len(row.stack.moving) - 1
    # A resource that is put back says UPDATE_IN_PROGRESS, as on the way there; its stack knows better.
    whole = "ROLLBACK" if row.undoing else row.stack.status if "CLEANUP" in row.stack.status else status
    verb = next((word for part, word in _VERBS if part in whole), whole)
    return f"{failed}{verb} {logical_id}" + (f" (+{others})" if others else "")


def _all_shift_lines(shifts: Sequence[Shift], *, width: int, room: int, now: datetime) -> list[Line]:
    """Every shift with all its guards; where that is too much with less, down to one line each."""
    pictures = (
        [line for shift in shifts for line in (_shift_head(shift, width), *below(shift, width, now))]
        for below in (_everything, _trouble, _figures, _nothing)
    )
    fitting = (lines for lines in pictures if len(lines) <= room)
    return next(fitting, [])


def _shift_head(shift: Shift, width: int) -> Line:
    """Who moves from where to where, and how much; of a long name the end tells more than the middle."""
    versions = version_words(shift)
    name = _cut_front(shift.function, max(width - len(versions) - 8, 8))
    style = "bad" if shift.status in {"Failed", "Stopped"} else "strong"
    return Line(text=_cut(f"shift {name}  {versions}", width), style=style)


def _everything(shift: Shift, width: int, now: datetime) -> list[Line]:
    return [*_figures(shift, width, now), *_guard_lines(shift.alarms, width)]


def _trouble(shift: Shift, width: int, now: datetime) -> list[Line]:
    return [
        *_figures(shift, width, now),
        *_guard_lines([alarm for alarm in shift.alarms if alarm.state != "OK"], width),
    ]


def _figures(shift: Shift, width: int, now: datetime) -> list[Line]:
    """How far, what is next and what was served; then the hooks."""
    bar = _bar(shift.target_weight, width)
    parts = (f"{bar}{next_words(shift, now=now)}", served_words(shift), "" if shift.alarms else "no guards")
    texts = ("; ".join(part for part in parts if part), hook_words(shift))
    return [Line(text=_cut(f"  {text}", width)) for text in texts if text]


def _nothing(shift: Shift, width: int, now: datetime) -> list[Line]:  # noqa: ARG001 - the least of four alike
    return []


def _guard_lines(alarms: Sequence[GuardAlarm], width: int) -> list[Line]:
    """State, rule and last datapoint in columns; the name, which may be cut, comes last."""
    rows = [guard_cells(alarm) for alarm in alarms]
    widths = [max(len(cells[column]) for cells in rows) for column in range(3)] if rows else []
    lines = []
    for alarm, cells in zip(alarms, rows, strict=True):
        padded = [f"{cell:<{size}}" for cell, size in zip(cells, widths, strict=False)]
        style = {"ALARM": "bad", "OK": ""}.get(alarm.state, "dim")
        head = "  " + "  ".join(padded) + "  "
        lines.append(Line(text=_cut(head + _cut_front(cells[3], max(width - len(head), 8)), width), style=style))
    return lines


def _bar(share: float, width: int) -> str:
    """``[####....]`` and a blank; 16 cells where there is room, 8 where there is little, none on a narrow terminal."""
    cells = 16 if width >= _WIDE else 8 if width >= 50 else 0
    full = int(min(max(share, 0.0), 1.0) * cells)
    return f"[{'#' * full}{'.' * (cells - full)}] " if cells else ""


def _cut_front(text: str, width: int) -> str:
    """The end of the text in so many columns, with a mark where it was cut."""
    return text if len(text) <= width else ".." + text[len(text) - width + 2 :]


def _cut(text: str, width: int) -> str:
    """The text in so many columns, with a mark where it was cut."""
    return text if len(text) <= width else text[: max(width - 2, 0)] + ".."[:width]
