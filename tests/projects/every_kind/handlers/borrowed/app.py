"""Answers with a role that somebody else owns."""

from __future__ import annotations

from typing import Any


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request."""
    return {"statusCode": 200, "body": "{}"}
