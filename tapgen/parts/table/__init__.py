"""DynamoDB tables."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="table", package="tapgen.parts.table", section="tables", shared="table", stack="data", spread=True)
