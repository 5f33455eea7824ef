"""Schedules of EventBridge Scheduler, each with a role that may invoke one live alias."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="schedule", package="tapgen.parts.schedule")
