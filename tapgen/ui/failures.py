"""Errors in words: what happened, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.style import paint

if TYPE_CHECKING:
    from tapgen.errors import TapgenError


def format_error(error: TapgenError, *, color: bool = False) -> str:
    """``error:``, ``why:`` and ``next:`` lines; a reason of several lines is indented below its word."""
    lines = [f"{paint('error:', 'bad', color=color)} {error.what}"]
    if error.why:
        lines.append(_labelled(paint("why:", "strong", color=color), error.why))
    if error.hint:
        lines.append(_labelled(paint("next:", "strong", color=color), error.hint))
    return "\n".join(lines)


def _labelled(label: str, text: str) -> str:
    first, *rest = text.splitlines()
    return f"  {label} {first}" if not rest else "\n".join([f"  {label}", *(f"    {line}" for line in (first, *rest))])
