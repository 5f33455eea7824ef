"""Secrets Manager secrets, read at run time."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="secret", package="tapgen.parts.secret", stack="data", spread=True)
