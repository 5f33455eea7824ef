"""The API tells about itself: its description as JSON, and a page that shows it without a single request elsewhere."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.api.operations import Answer

if TYPE_CHECKING:
    from handlers.api.rules import Rules

_CACHE = {"cache-control": "public, max-age=300"}
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@functools.cache
def answer_document(rules: Rules) -> Answer:
    """The OpenAPI document of this environment."""
    # Who asks for it pays for making it; starts stay as short as they are.
    from handlers.api.openapi import build_document

    document = build_document(authorization=rules.authorization, require_if_match=rules.require_if_match)
    return Answer(200, json.dumps(document, separators=(",", ":")), _CACHE)


@functools.cache
def answer_page() -> Answer:
    """The page; its policy lets nothing run but what is in it, and nothing be asked but this API."""
    page = Path(__file__).with_name("docs.html").read_text(encoding="utf-8")
    sources = {kind: f"'sha256-{_digest(text)}'" for kind, text in _INLINE.findall(page)}
    policy = (
        f"default-src 'none'; connect-src 'self'; script-src {sources['script']}; style-src {sources['style']}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Answer(
        200,
        page,
        {
            **_CACHE,
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
        },
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
