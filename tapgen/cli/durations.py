"""A stretch of time on the command line: ``90s``, ``10m``, ``2h``, ``7d``."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_FORM = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_duration(ctx: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    """Option callback: a whole number and its unit; None stays None.

    Raises:
        click.BadParameter: The value is no duration.
    """
    if value is None:
        return None
    found = _FORM.fullmatch(value)
    if found is None or int(found.group(1)) == 0:
        raise click.BadParameter(f"{value!r} is no duration; write 90s, 10m, 2h or 7d", ctx=ctx, param=param)
    return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})


def tell_duration(duration: timedelta) -> str:
    """In the form that ``read_duration`` reads, in the largest unit that fits."""
    seconds = int(duration.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
