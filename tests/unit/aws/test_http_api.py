"""Requests to the public API, seen by a real server on 127.0.0.1."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import pytest

from tapgen.aws.http_api import (
    NOT_ANSWERED,
    ApiCaller,
    BearerAuthorization,
    IamAuthorization,
    encode_segment,
    no_authorization,
)
from tapgen.aws.session import Aws, Target
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECRET = "not-a-secret"  # noqa: S105 - for a server of our own


@dataclass
class _Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client: tuple[str, int]


@dataclass
class _Server:
    url: str
    seen: list[_Seen] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    """Answers with the status that the path's last segment names."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[_Seen]]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append(_Seen(self.command, self.path, headers, body, self.client_address[:2]))
        last = self.path.partition("?")[0].rpartition("/")[2]
        status = int(last) if last.isdigit() else 200
        content = b'{"ok": true}'
        self.send_response(status)
        self.send_header("ETag", '"7"')
        if 300 <= status < 400:
            self.send_header("Location", "/users/200")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the standard library's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's signature
        del format, args


@pytest.fixture(name="server")
def _server() -> Iterator[_Server]:
    seen: list[_Seen] = []
    handler = type("Handler", (_Handler,), {"seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield _Server(url=f"http://127.0.0.1:{server.server_address[1]}/apis/abc", seen=seen)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("status", [200, 302, 404, 500, 503])
def test_every_status_is_an_answer(server: _Server, status: int) -> None:
    """No status raises, and a redirect is told rather than followed."""
    answer = ApiCaller(server.url, no_authorization).request("GET", f"/users/{status}")

    assert (answer.status, answer.headers["etag"], answer.document) == (status, '"7"', {"ok": True})
    assert answer.duration_s > 0
    assert [seen.path for seen in server.seen] == [f"/apis/abc/users/{status}"]


def test_body_and_headers_arrive(server: _Server) -> None:
    """What is handed in is what the server gets, under tapgen's own name and without authorization."""
    caller = ApiCaller(server.url, no_authorization)
    caller.request("PUT", "/users/ada", body=b"{}", headers={"content-type": "application/json", "if-match": '"1"'})

    (seen,) = server.seen
    assert (seen.method, seen.body, seen.headers["if-match"]) == ("PUT", b"{}", '"1"')
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["user-agent"].startswith("tapgen/")
    assert "authorization" not in seen.headers


def test_connections_are_reused(server: _Server) -> None:
    """Ten requests of one thread take one connection: a handshake for each would measure the network."""
    caller = ApiCaller(server.url, no_authorization)
    for _ in range(10):
        caller.request("GET", "/health")
    caller.close()

    assert len({seen.client for seen in server.seen}) == 1


def test_absent_server_is_a_value() -> None:
    """A connection that is refused raises nothing; it says why."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening
        answer = ApiCaller(f"http://127.0.0.1:{taken.getsockname()[1]}", no_authorization).request("GET", "/health")

    assert answer.status == NOT_ANSWERED
    assert "Could not connect" in answer.reason
    assert answer.document is None


def test_silent_server_is_a_value() -> None:
    """An answer that does not come in time raises nothing either."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        answer = ApiCaller(url, no_authorization, timeout_s=0.05).request("GET", "/health")

    assert (answer.status, "timeout" in answer.reason) == (NOT_ANSWERED, True)


def test_bearer_token_is_asked_for_each_time(server: _Server) -> None:
    """A token may be renewed between two requests."""
    tokens = iter(["first", "second"])
    caller = ApiCaller(server.url, BearerAuthorization(lambda: next(tokens)))
    caller.request("GET", "/health")
    caller.request("GET", "/health")
    ApiCaller(server.url, BearerAuthorization("fixed")).request("GET", "/health")

    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer first", "Bearer second", "Bearer fixed"]


def test_signature_is_what_aws_computes(server: _Server) -> None:
    """The signature of a request with a query, an odd user and a body is the one that IAM's documentation describes."""
    target = Target(region="eu-west-1", access_key_id="AKIDEXAMPLE", secret_access_key=_SECRET)
    caller = ApiCaller(server.url, IamAuthorization(Aws(target)))
    caller.request("POST", f"/users/{encode_segment('auth0|a:b')}/transactions?limit=1", body=b"{}")

    (seen,) = server.seen
    assert seen.path == "/apis/abc/users/auth0%7Ca:b/transactions?limit=1"
    scope = f"{seen.headers['x-amz-date'][:8]}/eu-west-1/execute-api/aws4_request"
    assert f"Credential=AKIDEXAMPLE/{scope}" in seen.headers["authorization"]
    assert seen.headers["authorization"].endswith(f"Signature={_signature(seen, scope)}")


def test_text_that_is_no_url_is_refused() -> None:
    """An output that is missing must not become requests to nowhere."""
    with pytest.raises(UsageError, match="no URL"):
        ApiCaller("", no_authorization)


def _signature(seen: _Seen, scope: str) -> str:
    """Signature Version 4, written down from the IAM user guide ("Create a signed AWS API request")."""
    signed = seen.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    path, _, query = seen.path.partition("?")
    canonical = "\n".join(
        [
            seen.method,
            quote(path, safe="/~"),  # the path that was sent, encoded once more: only S3 is spared that
            query,
            *(f"{name}:{seen.headers[name]}" for name in signed.split(";")),
            "",
            signed,
            hashlib.sha256(seen.body).hexdigest(),
        ]
    )
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", seen.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = f"AWS4{_SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()
