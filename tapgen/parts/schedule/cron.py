"""Cron expressions as EventBridge Scheduler takes them: what is wrong with one.

Source: EventBridge Scheduler user guide, "Schedule types", cron-based schedules.
"""

from __future__ import annotations

import re

from tapgen.parts.faults import tell

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Name of the field, its bounds, its words (the first stands for the lowest number), and its own special forms.
_FIELDS = (
    ("minute", 0, 59, (), r"$^"),
    ("hour", 0, 23, (), r"$^"),
    ("day of the month", 1, 31, (), r"\?|L|LW|\d{1,2}W"),
    ("month", 1, 12, _MONTHS, r"$^"),
    ("day of the week", 1, 7, _DAYS, r"\?|L|[1-7]L|[1-7]#[1-5]"),
    ("year", 1970, 2199, (), r"$^"),
)


def check_cron(expression: str) -> None:
    """Tell of what EventBridge Scheduler would refuse: six fields, their values, and one of the two days."""
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        tell(f"cron({expression!r}): EventBridge Scheduler takes six fields: minute hour day month weekday year")
        return
    for text, (name, lowest, highest, words, special) in zip(fields, _FIELDS, strict=True):
        if not _is_field(text, lowest=lowest, highest=highest, words=words, special=special):
            allowed = f"{lowest} to {highest}" + (f" or {words[0]} to {words[-1]}" if words else "")
            tell(f"cron({expression!r}): {text!r} is no {name}; {allowed} are allowed, and * , - /")
    if (fields[2] == "?") == (fields[4] == "?"):
        tell(f"cron({expression!r}): one of day and weekday has to be ?, and not both")


def _is_field(text: str, *, lowest: int, highest: int, words: tuple[str, ...], special: str) -> bool:
    return all(
        re.fullmatch(special, item) or _is_item(item, lowest=lowest, highest=highest, words=words)
        for item in text.upper().split(",")
    )


def _is_item(item: str, *, lowest: int, highest: int, words: tuple[str, ...]) -> bool:
    """``*``, ``5``, ``MON-FRI``, ``0/15``."""
    span, slash, step = item.partition("/")
    if slash and not step.isdecimal():
        return False
    if span == "*":
        return True
    for end in span.split("-", 1):
        if end in words:
            continue
        if not end.isdecimal() or not lowest <= int(end) <= highest:
            return False
    return True
