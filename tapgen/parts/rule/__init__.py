"""EventBridge rules: events that fit a pattern invoke functions."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="event rule", package="tapgen.parts.rule")
