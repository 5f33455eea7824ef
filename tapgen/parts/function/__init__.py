"""Lambda functions with version, live alias, log group, guards and event sources."""

from __future__ import annotations

from tapgen.parts.function.model import HOOKS
from tapgen.parts.registry import Kind

KIND = Kind(name="function", package="tapgen.parts.function", section="functions", shared="function", reserved=(HOOKS,))
