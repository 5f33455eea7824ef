"""A traffic shift in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.model import Shift


def shift_line(shift: Shift) -> str:
    """``shift    NAME  v3 -> v4 10%  AllowTraffic InProgress; 3 guards OK``."""
    versions, state = shift_cells(shift)
    return f"shift    {shift.function}  {versions}  {state}"


def shift_cells(shift: Shift) -> tuple[str, str]:
    """Versions with the new one's weight, and what happens with the guards."""
    versions = f"v{shift.current_version} -> v{shift.target_version} {shift.target_weight:.0%}"
    return versions, f"{_step(shift)}; {_guards(shift)}"


def _step(shift: Shift) -> str:
    if shift.over:
        return shift.status
    moving = next((f"{name} {status}" for name, status in shift.steps if status == "InProgress"), "")
    return moving or shift.status


def _guards(shift: Shift) -> str:
    """Alarms that are not OK by name; otherwise how many stand guard."""
    off = [f"{alarm.name} {alarm.state}" for alarm in shift.alarms if alarm.state != "OK"]
    if off:
        return ", ".join(off)
    return f"{len(shift.alarms)} guards OK" if shift.alarms else "no guards"
