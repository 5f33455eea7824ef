"""The HTTP API's routes. The handlers have the same list; a test holds the two together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API."""

    logical_id: str
    key: str
    """``METHOD /path``."""
    public: bool = False
    """Open to everybody whatever the environment's authorization: it tells nothing about anyone."""
    for_origins: bool = False
    """Exists where browsers of other origins may call."""

    @property
    def source(self) -> str:
        """``METHOD/path`` as the source ARN of an invocation has it."""
        return self.key.replace(" ", "", 1)


ROUTES = (
    Route("CreateTransaction", "POST /users/{userId}/transactions"),
    Route("ListTransactions", "GET /users/{userId}/transactions"),
    Route("GetTransaction", "GET /users/{userId}/transactions/{transactionId}"),
    Route("ReplaceTransaction", "PUT /users/{userId}/transactions/{transactionId}"),
    Route("DeleteTransaction", "DELETE /users/{userId}/transactions/{transactionId}"),
    Route("GetHealth", "GET /health", public=True),
    Route("GetDescription", "GET /openapi.json", public=True),
    Route("GetDocumentation", "GET /docs", public=True),
    # With the environment's authorization, although it only ever answers 404 and 405: strangers run no code of ours by
    # guessing paths, and a route that somebody forgets to list here is closed, not open.
    Route("Default", "$default"),
    # A browser's preflight carries no token. API Gateway answers it by itself only while no route with an authorizer
    # matches, and $default matches (API Gateway developer guide, "Configure CORS for HTTP APIs").
    Route("Preflight", "OPTIONS /{proxy+}", public=True, for_origins=True),
)


def routes_of(*, origins: bool) -> tuple[Route, ...]:
    """The routes of an API that browsers of other origins may call, or may not."""
    return tuple(route for route in ROUTES if origins or not route.for_origins)
