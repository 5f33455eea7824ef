"""Errors and failures in words: what happened, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.style import paint

if TYPE_CHECKING:
    from tapgen.errors import TapgenError
    from tapgen.model import Failure


def format_error(error: TapgenError, *, color: bool = False) -> str:
    """``error:``, ``why:`` and ``next:`` lines; a reason of several lines is indented below its word.

    Lines are not wrapped: what AWS said must stay whole for a search, and a terminal folds it by itself.
    """
    parts = [f"{paint('error:', 'bad', color=color)} {error.what}"]
    why = _why(error)
    if why:
        parts.append(_labelled(paint("why:", "strong", color=color), why))
    if error.hint:
        parts.append(_labelled(paint("next:", "strong", color=color), error.hint))
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


def _labelled(label: str, text: str) -> str:
    first, *rest = text.splitlines()
    return f"  {label} {first}" if not rest else "\n".join([f"  {label}", *(f"    {line}" for line in (first, *rest))])
