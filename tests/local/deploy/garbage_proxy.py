"""A server that answers what no AWS answers: sign-in pages, half documents, doubled headers, bytes.

It answers every call so, or forwards all but one to the embedded AWS.
"""

from __future__ import annotations

import gzip
import http.client
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome &nbsp; guest<br></body></html>"
_ID = b"x-amzn-RequestId: 4f5b\r\nx-amz-request-id: 4f5b\r\n"


def _answer(status: bytes, body: bytes, *, kind: bytes = b"text/html", more: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\n" + more + length + b"\r\n" + body


GARBAGE: dict[str, bytes] = {
    "page-200": _answer(b"200 OK", _PAGE),
    "page-200-as-xml": _answer(b"200 OK", _PAGE, kind=b"text/xml"),
    "page-500": _answer(b"500 Internal Server Error", _PAGE),
    "page-403": _answer(b"403 Forbidden", _PAGE),
    "page-302": _answer(b"302 Found", _PAGE, more=b"Location: /login\r\n"),
    "proxy-407": _answer(b"407 Proxy Authentication Required", _PAGE, more=b"Proxy-Authenticate: Basic\r\n"),
    "empty-200": _answer(b"200 OK", b""),
    "empty-204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "text-200": _answer(b"200 OK", b"OK", kind=b"text/plain"),
    "json-200": _answer(b"200 OK", b"{}", kind=b"application/json"),
    "json-list-with-id": _answer(b"200 OK", b'[1, null, {"a": "b"}]', kind=b"application/json", more=_ID),
    "xml-half-with-id": _answer(b"200 OK", b"<Response><Result><Stacks><member><Sta", kind=b"text/xml", more=_ID),
    "xml-other-with-id": _answer(b"200 OK", b"<a><b>c</b></a>", kind=b"text/xml", more=_ID),
    "bytes-200": _answer(b"200 OK", bytes(range(256)), kind=b"application/octet-stream"),
    "no-gzip": _answer(b"200 OK", b"not compressed", more=b"Content-Encoding: gzip\r\n"),
    "gzip-page": _answer(b"200 OK", gzip.compress(_PAGE), more=b"Content-Encoding: gzip\r\n"),
    "length-too-long": b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nshort",
    "length-twice": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nshort",
    "chunks-broken": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
    "header-without-colon": b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: 2\r\n\r\nOK",
    "date-twice": _answer(
        b"200 OK", b"{}", kind=b"application/json", more=_ID + b"Date: yesterday\r\nDate: tomorrow\r\n"
    ),
    "no-http": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
}
"""Kind → the bytes that are sent instead of an answer."""


class GarbageProxy:
    """Answers one kind of garbage: to every call, or to one of those that it forwards.

    Args:
        kind: A key of ``GARBAGE``.
        forward_to: URL of what answers the other calls; None answers all of them.
        at_call: Which call gets the garbage, from 1 on.
    """

    def __init__(self, kind: str, *, forward_to: str | None = None, at_call: int = 0) -> None:
        self.garbage = GARBAGE[kind]
        self.target = urlsplit(forward_to) if forward_to else None
        self.at_call = at_call
        self.calls = 0
        self._lock = threading.Lock()

    def spoils(self) -> bool:
        """Whether the next call gets garbage; counts it."""
        with self._lock:
            self.calls += 1
            return self.target is None or self.calls == self.at_call


@contextmanager
def running(proxy: GarbageProxy) -> Iterator[str]:
    """The proxy's URL while it runs."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Handler(socketserver.StreamRequestHandler):
    proxy: GarbageProxy

    def handle(self) -> None:
        """One request on one connection, then it is closed."""
        method, path, _ = (self.rfile.readline().decode("latin-1") + "  ").split(" ", 2)
        headers = http.client.parse_headers(self.rfile)
        if "100-continue" in headers.get("Expect", ""):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(int(headers.get("Content-Length") or 0))
        self.wfile.write(
            self.proxy.garbage if self.proxy.spoils() else self._forward(method, path, dict(headers), body)
        )

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        target = self.proxy.target
        assert target
        connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            sent = [item for item in answer.getheaders() if item[0].lower() not in {"connection", "transfer-encoding"}]
            lines = "".join(f"{name}: {value}\r\n" for name, value in sent)
            head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n{lines}Connection: close\r\n\r\n"
            return head.encode("latin-1") + content
        finally:
            connection.close()
