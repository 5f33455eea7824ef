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

    @property
    def source(self) -> str:
        """``METHOD/path`` as the source ARN of an invocation has it."""
        method, path = self.key.split(" ", 1)
        return f"{method}{path}"


ROUTES = (
    Route("CreateTransaction", "POST /users/{userId}/transactions"),
    Route("ListTransactions", "GET /users/{userId}/transactions"),
    Route("GetTransaction", "GET /users/{userId}/transactions/{transactionId}"),
    Route("ReplaceTransaction", "PUT /users/{userId}/transactions/{transactionId}"),
    Route("DeleteTransaction", "DELETE /users/{userId}/transactions/{transactionId}"),
    Route("GetHealth", "GET /health", public=True),
)
