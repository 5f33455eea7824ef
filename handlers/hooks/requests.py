"""Requests to the API function in the form that an HTTP API sends (payload 2.0), and its answers.

Source: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from handlers.common.synthetic import SYNTHETIC_USER_PREFIX
from handlers.hooks.verdict import CheckFailedError, excerpt

USER = f"{SYNTHETIC_USER_PREFIX}hook"
"""In whose name the hooks work."""

_TRANSACTIONS = "/users/{userId}/transactions"
CREATE = f"POST {_TRANSACTIONS}"
LIST = f"GET {_TRANSACTIONS}"
READ = f"GET {_TRANSACTIONS}/{{transactionId}}"
REPLACE = f"PUT {_TRANSACTIONS}/{{transactionId}}"
DELETE = f"DELETE {_TRANSACTIONS}/{{transactionId}}"
HEALTH = "GET /health"

_DOMAIN = "hook.execute-api.invalid"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; names of headers are in lower case, the document is None without a body."""

    status: int
    headers: dict[str, str]
    document: Any

    def __str__(self) -> str:
        return f"status {self.status}, {excerpt(self.document)}"


@dataclass(frozen=True)
class Request:
    """One request of the synthetic user."""

    route: str
    transaction_id: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    document: Any = None

    def event(self) -> dict[str, Any]:
        """The event; what a request does not have is left out, as API Gateway does it."""
        path = self._path_parameters()
        event = {
            "version": "2.0",
            "routeKey": self.route,
            "rawPath": self.route.partition(" ")[2].format(**path),
            "rawQueryString": urlencode(self.query),
            "headers": self._headers(),
            "requestContext": self._context(path),
            "isBase64Encoded": False,
        }
        optional = {"queryStringParameters": self.query, "pathParameters": path, "body": self._body()}
        return event | {name: value for name, value in optional.items() if value}

    def _path_parameters(self) -> dict[str, str]:
        values = {"userId": USER, "transactionId": self.transaction_id}
        return {name: value for name, value in values.items() if f"{{{name}}}" in self.route}

    def _body(self) -> str:
        return "" if self.document is None else json.dumps(self.document)

    def _headers(self) -> dict[str, str]:
        body = self._body()
        return {
            "accept": "application/json",
            "content-length": str(len(body)),
            **({"content-type": "application/json"} if body else {}),
            "host": _DOMAIN,
            "user-agent": "deployment-hook",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **self.headers,
        }

    def _context(self, path: dict[str, str]) -> dict[str, Any]:
        """Claims as of a verified token: the subject owns the path, whatever authorization the API has."""
        method, _, template = self.route.partition(" ")
        now = time.time()
        return {
            "accountId": "000000000000",
            "apiId": "hook",
            "authorizer": {"jwt": {"claims": {"sub": USER}, "scopes": None}},
            "domainName": _DOMAIN,
            "domainPrefix": "hook",
            "http": {
                "method": method,
                "path": template.format(**path),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "deployment-hook",
            },
            "requestId": f"hook-{uuid.uuid4()}",
            "routeKey": self.route,
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        }


def read_answer(check: str, document: Any) -> Answer:
    """The HTTP answer in what the function returned.

    Raises:
        CheckFailedError: API Gateway would not understand it, or its body is no JSON.
    """
    try:
        body = document.get("body")
        headers = {str(name).lower(): str(value) for name, value in document.get("headers", {}).items()}
        return Answer(int(document["statusCode"]), headers, json.loads(body) if body else None)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        wanted = "an HTTP answer: statusCode, headers and a JSON body"
        raise CheckFailedError(check, expected=wanted, got=f"{type(error).__name__}: {error}") from error
