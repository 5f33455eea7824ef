"""EventBridge event buses."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="event bus", package="tapgen.parts.bus", stack="data", spread=True)
