"""The live board as lines of text, drawn from the progress alone. Pure: no terminal, no clock, no rich.

::

    Executing the change set                                              1 min 24 s
      root         UPDATE_IN_PROGRESS
      Data         [##########......]   5/8   updating TransactionsTable
      Compute      [####............]   3/14  creating ApiVersion2 (+1)
    shift shop-api  v3 -> v4  [##..............]  10%
      AllowTraffic InProgress; 3 guards OK

A shift comes last and keeps its lines when room is short: it is what people wait for. Stacks give way to it, settled
ones first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.ui.progress import ROOT
from tapgen.ui.shifts import shift_cells
from tapgen.ui.style import Line, style_of
from tapgen.ui.tables import human_duration, human_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.events import UploadProgressed
    from tapgen.model import Shift
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


def board_lines(progress: Progress, *, width: int, height: int, elapsed_s: float) -> list[Line]:
    """The step under way, its upload or stacks, and the running shifts; empty when no step is under way.

    Args:
        progress: What is known.
        width: Columns; no line is longer.
        height: Lines of the terminal; the board leaves one free and is never taller than ``MAX_LINES``.
        elapsed_s: Since the step began.
    """
    if progress.step is None:
        return []
    room = min(MAX_LINES, height - 1)
    lines = [_title(progress.step.text, width=width, elapsed_s=elapsed_s)]
    if progress.upload is not None:
        return [*lines, _upload_line(progress.upload, width)]
    if progress.step.step not in _FOLLOWED:
        return lines
    shifts = [line for shift in progress.shifts.values() for line in _shift_lines(shift, width)][: room - 2]
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


def _shift_lines(shift: Shift, width: int) -> Sequence[Line]:
    """Who moves from where to where, and below it the step and the guards."""
    versions, state = shift_cells(shift)
    alarmed = any(alarm.state == "ALARM" for alarm in shift.alarms) or shift.status in {"Failed", "Stopped"}
    head = _cut(f"shift {shift.function}", width - len(versions) - 2)
    text = f"{head}  {versions}"
    bar = f"  {_bar(shift.target_weight, width)}".rstrip()
    if len(text) + len(bar) <= width:
        text += bar
    style = "bad" if alarmed else ""
    return (Line(text=text, style=style or "strong"), Line(text=_cut(f"  {state}", width), style=style))


def _bar(share: float, width: int) -> str:
    """``[####....]`` and a blank; 16 cells where there is room, 8 where there is little, none on a narrow terminal."""
    cells = 16 if width >= _WIDE else 8 if width >= 50 else 0
    full = int(min(max(share, 0.0), 1.0) * cells)
    return f"[{'#' * full}{'.' * (cells - full)}] " if cells else ""


def _cut(text: str, width: int) -> str:
    """The text in so many columns, with a mark where it was cut."""
    return text if len(text) <= width else text[: max(width - 2, 0)] + ".."[:width]
