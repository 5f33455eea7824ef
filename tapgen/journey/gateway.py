"""Requests as an HTTP API hands them to a function (payload 2.0), and its answers: a walk straight to a Lambda version.

Source: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tapgen.journey.transport import Answer, CannotCarryError, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.journey.steps import Delivery
    from tapgen.journey.transport import Sent

_DOMAIN = "journey.execute-api.invalid"
_AGENT = "journey"
_DEFAULT_ROUTE = "$default"


@dataclass(frozen=True, kw_only=True)
class InvokeTransport:
    """Carries steps straight to one version or alias of a function.

    Attributes:
        invoke: Invokes it with an event and answers its result; raises ``NoAnswerError``.
        routes: ``METHOD /path`` of the routes that invoke the function, to tell it which one a request belongs to.
        label: Which version or alias.
    """

    invoke: Callable[[Any], Any]
    routes: Sequence[str] = ()
    label: str = ""

    def send(self, request: Sent) -> Answer:
        """Invoke with a request as API Gateway sends it."""
        return read_answer(self.invoke(to_event(request, self.routes)))

    def deliver(self, event: Any, delivery: Delivery) -> Any:
        """Invoke with the event."""
        if delivery == "source":
            raise CannotCarryError("its source invokes the live version alone")
        return self.invoke(event)


def to_event(request: Sent, routes: Sequence[str] = ()) -> dict[str, Any]:
    """The event of a request; what a request does not have is left out, as API Gateway does it."""
    route, parameters = match_route(request.method, request.path, routes)
    body = "" if request.body is None else json.dumps(request.body)
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path,
        "rawQueryString": urlencode(request.query),
        "headers": _headers(request, body),
        "requestContext": _context(request, route),
        "isBase64Encoded": False,
    }
    optional = {"queryStringParameters": dict(request.query), "pathParameters": parameters, "body": body}
    return event | {name: value for name, value in optional.items() if value}


def match_route(method: str, path: str, routes: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The route that a request belongs to, and its path parameters; ``$default`` when it belongs to none.

    The most specific one wins: whole segments before parameters, those before a greedy one, a method before ``ANY``
    (API Gateway developer guide, "Routing API requests").
    """
    found: list[tuple[tuple[int, ...], str, dict[str, str]]] = []
    for route in routes:
        wanted, _, template = route.partition(" ")
        if not template or wanted not in (method, "ANY"):
            continue
        parameters = _match_path(template, path)
        if parameters is not None:
            parts = template.split("/")
            rank = (*((0 if not part.startswith("{") else 2 if part.endswith("+}") else 1) for part in parts),)
            found.append(((*rank, wanted == "ANY"), route, parameters))
    if not found:
        return _DEFAULT_ROUTE, {}
    _, route, parameters = min(found, key=lambda each: each[0])
    return route, parameters


def _match_path(template: str, path: str) -> dict[str, str] | None:
    """Path parameters; None when the path is another one."""
    wanted, given = template.split("/"), path.split("/")
    parameters: dict[str, str] = {}
    for index, part in enumerate(wanted):
        if part.startswith("{") and part.endswith("+}"):
            rest = "/".join(given[index:])
            return {**parameters, part[1:-2]: rest} if rest else None
        if index >= len(given):
            return None
        if part.startswith("{") and part.endswith("}"):
            if not given[index]:
                return None
            parameters[part[1:-1]] = given[index]
        elif part != given[index]:
            return None
    return parameters if len(wanted) == len(given) else None


def read_answer(result: Any) -> Answer:
    """The HTTP answer in what a function returned.

    Without ``statusCode``, API Gateway takes all of it for the body of a 200 (same guide, "Lambda function response for
    format 2.0").

    Raises:
        NoAnswerError: API Gateway would not understand it.
    """
    try:
        if isinstance(result, dict) and "statusCode" not in result and not result.keys() & {"headers", "body"}:
            return Answer(status=200, headers={"content-type": "application/json"}, body=result)
        headers = {str(name).lower(): str(value) for name, value in (result.get("headers") or {}).items()}
        return Answer(status=int(result["statusCode"]), headers=headers, body=_read_body(result, headers))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        wanted = "an HTTP answer: statusCode, headers and a body"
        raise NoAnswerError(f"{type(error).__name__}: {error}", expected=wanted) from error


def _read_body(result: dict[str, Any], headers: dict[str, str]) -> Any:
    """The JSON document; text of another type is none.

    Raises:
        ValueError: It says that it is JSON and is not.
    """
    body = result.get("body")
    if not body or "json" not in headers.get("content-type", "json") or result.get("isBase64Encoded"):
        return None
    return json.loads(body)


def quote_segments(path: str) -> str:
    """A path with everything encoded that is not allowed there; ``:`` and ``@`` stay (RFC 3986, "pchar")."""
    return quote(path, safe="/:@")


def _headers(request: Sent, body: str) -> dict[str, str]:
    return {
        "accept": "application/json",
        "content-length": str(len(body.encode())),
        **({"content-type": "application/json"} if body else {}),
        "host": _DOMAIN,
        "user-agent": _AGENT,
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        **request.headers,
    }


def _context(request: Sent, route: str) -> dict[str, Any]:
    """Claims as of a verified token: the subject is the user, whatever authorization the API has."""
    now = time.time()
    claims = {"authorizer": {"jwt": {"claims": {"sub": request.user}, "scopes": None}}} if request.user else {}
    return {
        "accountId": "000000000000",
        "apiId": "journey",
        **claims,
        "domainName": _DOMAIN,
        "domainPrefix": "journey",
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": _AGENT,
        },
        "requestId": f"journey-{uuid.uuid4()}",
        "routeKey": route,
        "stage": "$default",
        "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now * 1000),
    }
