"""Carries the steps of a journey to a deployed service: requests over HTTP, events straight to a live alias."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from tapgen.aws import functions
from tapgen.aws.refusals import is_denied
from tapgen.errors import AwsError
from tapgen.journey.gateway import quote_segments
from tapgen.journey.transport import Answer, CannotCarryError, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.http_api import ApiAnswer
    from tapgen.aws.session import Aws
    from tapgen.journey.steps import Delivery
    from tapgen.journey.transport import Sent

LATEST = "$LATEST"
"""The code of a function that was not published."""


class Caller(Protocol):
    """Sends one request; ``tapgen.aws.http_api.ApiCaller`` is one."""

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        """Any status is an answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class ApiTransport:
    """The deployed service as its callers reach it.

    Attributes:
        caller: Sends requests, authorised; None for a service without an HTTP API.
        subject: The one user that its token speaks for; empty when it may speak for everybody.
        invoke: Invokes the live function with an event; None where nobody may. Raises ``NoAnswerError``.
        send_to_source: Delivers an event through the function's event source; None where nobody may.
        label: For people.
    """

    caller: Caller | None = None
    subject: str = ""
    invoke: Callable[[Any], Any] | None = None
    send_to_source: Callable[[Any], None] | None = None
    label: str = "the live service"

    def send(self, request: Sent) -> Answer:
        """Send a request; one of nobody's is sent with the caller's credentials, which an open route does not read."""
        if self.caller is None:
            raise CannotCarryError("the service has no HTTP API")
        if self.subject and request.user not in (None, self.subject):
            raise CannotCarryError(f"the token speaks for {self.subject} alone")
        body = None if request.body is None else json.dumps(request.body).encode()
        headers = {"content-type": "application/json"} if body else {}
        query = f"?{urlencode(request.query)}" if request.query else ""
        answer = self.caller.request(
            request.method, quote_segments(request.path) + query, body=body, headers={**headers, **request.headers}
        )
        if not answer.status:
            raise NoAnswerError(answer.reason or "no answer")
        return Answer(status=answer.status, headers=answer.headers, body=answer.document)

    def deliver(self, event: Any, delivery: Delivery) -> Any:
        """Invoke the live function, or send through its source."""
        if delivery == "source":
            if self.send_to_source is None:
                raise CannotCarryError("its source cannot be reached from here")
            self.send_to_source(event)
            return None
        if self.invoke is None:
            raise CannotCarryError("the function is not invoked from here")
        return self.invoke(event)


def invoke_alias(aws: Aws, function: str, *, alias: str) -> Callable[[Any], Any]:
    """Invokes an alias of a function with events.

    Raises ``NoAnswerError`` when it fails, and ``CannotCarryError`` when the caller may not invoke it, which tells
    nothing of the function.
    """
    client = aws.client("lambda")

    def invoke(event: Any) -> Any:
        try:
            return functions.invoke(client, function, event, qualifier=alias)
        except AwsError as error:
            if is_denied(error):
                raise CannotCarryError(f"the caller may not invoke {function}:{alias}") from error
            raise NoAnswerError(error.why or error.what) from error

    return invoke
