"""Systems Manager parameters that somebody sets, read at run time."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="parameter", package="tapgen.parts.parameter")
