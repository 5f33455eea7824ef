"""The routes of the HTTP API. API Gateway matches them; the function only looks its name up.

``$default`` catches what matches none of them, so that such a request gets a problem document, too.
"""

from __future__ import annotations

import re

TRANSACTIONS = "/users/{userId}/transactions"
TRANSACTION = "/users/{userId}/transactions/{transactionId}"

ROUTES = (
    f"POST {TRANSACTIONS}",
    f"GET {TRANSACTIONS}",
    f"GET {TRANSACTION}",
    f"PUT {TRANSACTION}",
    f"DELETE {TRANSACTION}",
    "GET /health",
    "GET /openapi.json",
    "GET /docs",
)
"""``METHOD /path`` of everything that is served."""

DEFAULT_ROUTE = "$default"
PREFLIGHT_ROUTE = "OPTIONS /{proxy+}"
"""Exists where browsers of other origins may call: it keeps preflights away from the authorizer of ``$default``."""


def methods_of(path: str) -> tuple[str, ...]:
    """The methods that a path has, none when it is not one of ours.

    API Gateway takes leading slashes for one when it looks for a route, and hands them on as they are.
    """
    path = "/" + path.lstrip("/")
    return tuple(
        method
        for method, pattern in (route.split(" ", 1) for route in ROUTES)
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern)), path)
    )
