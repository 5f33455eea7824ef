"""The public HTTP API seen by one of its callers: requests as a client makes them, authorised as the environment asks.

Speaks HTTP through botocore's own connection pool, so that proxies and certificates are those of every other AWS call.
Knows no route and no transaction, follows no redirect, tries nothing twice: what was answered is what is told.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from tapgen._version import __version__
from tapgen.aws.sessions import is_loopback
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.session import Aws

NOT_ANSWERED = 0
"""The status of a request that no server answered."""

_SERVICE = "execute-api"
_CONNECT_S = 5.0
# API Gateway gives up on an integration after 30 s (HTTP API quotas): its own answer comes first.
_READ_S = 35.0
_CONNECTIONS = 16


@dataclass(frozen=True, kw_only=True)
class ApiAnswer:
    """One answer, or that there was none."""

    status: int
    """HTTP status; ``NOT_ANSWERED`` when the connection failed or the answer did not come in time."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    duration_s: float = 0.0
    """From the request's start to the answer's last byte."""
    reason: str = ""
    """Why there was no answer."""

    @property
    def document(self) -> Any:
        """The body's JSON document; None when it holds none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Authorization(Protocol):
    """Adds to a request what its API wants to see."""

    def __call__(self, request: AWSRequest) -> None:
        """Change the request's headers in place."""
        ...


def no_authorization(request: AWSRequest) -> None:
    """For an API whose ``authorization`` is ``NONE``."""
    del request


class IamAuthorization:
    """Signs for ``execute-api`` (Signature Version 4) with the credentials of ``aws``, refreshed when they expire."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def __call__(self, request: AWSRequest) -> None:
        """Sign; the last change to the request.

        Raises:
            CredentialsError: There are no credentials, or they cannot be refreshed.
        """
        SigV4Auth(self._aws.credentials(), _SERVICE, self._aws.target.region).add_auth(request)


class BearerAuthorization:
    """Sends a JSON web token, asked for anew at each request so that it may be renewed in between."""

    def __init__(self, token: str | Callable[[], str]) -> None:
        self._token = token

    def __call__(self, request: AWSRequest) -> None:
        """Add the ``Authorization`` header."""
        request.headers["authorization"] = f"Bearer {self._token if isinstance(self._token, str) else self._token()}"


class ApiCaller:
    """Calls one API, from as many threads as there are.

    Args:
        base_url: ``https://{id}.execute-api.{region}.amazonaws.com``, or ``tapgen.local.urls.api_url``; a stage that is
            not ``$default`` is part of it.
        authorization: What callers of this API have to show.
        timeout_s: How long an answer may take.
    """

    def __init__(self, base_url: str, authorization: Authorization, *, timeout_s: float = _READ_S) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise UsageError(f"{base_url!r} is no URL of an API", hint="it begins with https://", code="no-api-url")
        self._base_url = base_url.rstrip("/")
        self._authorization = authorization
        self._http = URLLib3Session(
            # What is on this machine is called without the proxies of the shell, whether NO_PROXY names it or not.
            proxies={} if is_loopback(self._base_url) else get_environ_proxies(self._base_url),
            timeout=(_CONNECT_S, timeout_s),  # type: ignore[arg-type]  # the stubs know one whole number alone
            max_pool_connections=_CONNECTIONS,
        )

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        """Send one request; any status is an answer, and a failed connection is one with status ``NOT_ANSWERED``.

        Args:
            method: ``GET``, ``POST`` …
            path: From ``/`` on, encoded (``encode_segment``), with its query.
            body: What to send.
            headers: More headers; ``content-type`` belongs here.

        Raises:
            CredentialsError: The request could not be signed.
        """
        started = time.perf_counter()
        request = AWSRequest(
            method=method,
            url=f"{self._base_url}{path}",
            data=body,
            headers={"user-agent": f"tapgen/{__version__}", **(headers or {})},
        )
        self._authorization(request)
        try:
            answer = self._http.send(request.prepare())
            content = answer.content
        except BotoCoreError as error:
            return ApiAnswer(status=NOT_ANSWERED, duration_s=time.perf_counter() - started, reason=str(error))
        return ApiAnswer(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=content or b"",
            duration_s=time.perf_counter() - started,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def encode_segment(text: str) -> str:
    """One segment of a path: everything that is not allowed there is percent-encoded.

    ``:`` and ``@`` stay (RFC 3986, "pchar"), so that a user's id reads the same in the access log.
    """
    return quote(text, safe=":@")
