"""Errors and failures in words: what happened, why, and what to do next."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tapgen.ui.style import paint

if TYPE_CHECKING:
    from tapgen.errors import TapgenError
    from tapgen.model import Failure


def format_error(error: TapgenError, *, color: bool = False, width: int | None = None) -> str:
    """``error:``, ``why:`` and ``next:`` lines; a reason of several lines is indented below its word.

    Args:
        error: What to tell.
        color: Colour the labels.
        width: Columns of the terminal that it is read on; None folds no line, since what AWS said must stay whole for
            a search.
    """
    parts = [_fold(f"{paint('error:', 'bad', color=color)} {error.what}", width)]
    why = _why(error)
    if why:
        parts += _labelled(paint("why:", "strong", color=color), why, width)
    if error.hint:
        parts += _labelled(paint("next:", "strong", color=color), error.hint, width)
    return "\n".join(parts)


def format_failure(failure: Failure) -> str:
    """``compute.ApiFunction (AWS::Lambda::Function) UPDATE_FAILED: reason``, the parts that are known."""
    place = f"{failure.stack}.{failure.logical_id} ({failure.resource_type}) {failure.status}"
    return f"{place}: {failure.reason}" if failure.reason else place


def _why(error: TapgenError) -> str:
    """The error's reason, and the failed resource where the reason leaves it out."""
    if error.failure is None or error.failure.logical_id in error.why:
        return error.why
    return "\n".join(filter(None, (error.why, format_failure(error.failure))))


def _labelled(label: str, text: str, width: int | None) -> list[str]:
    first, *rest = text.splitlines()
    if not rest:
        return [_fold(f"  {label} {first}", width)]
    return [f"  {label}", *(_fold(f"    {line}", width) for line in (first, *rest))]


def _fold(line: str, width: int | None) -> str:
    """The line folded between words, what follows indented further; a long name or ARN is never cut."""
    if width is None or len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
