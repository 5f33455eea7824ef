"""The HTTP API: routes to functions, authorization, stage and access log."""

from __future__ import annotations

from tapgen.parts.registry import Kind

KIND = Kind(name="http api", package="tapgen.parts.http_api")
