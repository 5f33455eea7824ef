"""A proxy in front of the embedded AWS that throttles, fails, drops and delays calls, by a seeded coin.

It drops a call before it is forwarded or after it was answered: the second is the hard one, since the caller cannot
know that it was done. microburst, a package for this, would bring aiohttp and its dependencies along.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
_DELAY_S = 0.05
_XML = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>on purpose</Message></Error></ErrorResponse>"
)
_S3_XML = "<Error><Code>{code}</Code><Message>on purpose</Message></Error>"


class FaultProxy:
    """Where faults are made, and how many of each there were."""

    def __init__(self, endpoint_url: str, *, rate: float, seed: int) -> None:
        self.target = urlsplit(endpoint_url)
        self.rate = rate
        self.counts: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311 - faults need no secrecy
        self._lock = threading.Lock()

    def choose(self, body: bytes = b"", headers: Mapping[str, str] | None = None) -> str:  # noqa: ARG002 - for others
        """The fault of the next call, or an empty text; what it asks counts for other proxies alone."""
        with self._lock:
            fault = ""
            if self._random.random() < self.rate:
                fault = self._random.choice(["throttle", "fail", "drop", "drop-answer", "delay"])
            self.counts[fault] += 1
            return fault


@contextmanager
def running(proxy: FaultProxy) -> Iterator[str]:
    """The proxy's URL while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.choose(body, dict(self.headers.items()))
        if fault == "delay":
            time.sleep(_DELAY_S)
        if fault == "drop":
            self._drop()
        elif fault in {"throttle", "fail", "expire"}:
            self._refuse(fault)
        else:
            status, headers, answer = self._forward(body)
            if fault == "drop-answer":
                self._drop()
            else:
                self._answer(status, headers, answer)

    def __getattr__(self, name: str) -> object:
        """``do_GET``, ``do_PUT`` …: every method is handled alike."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        target = self.proxy.target
        connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=120)
        try:
            # The host is signed: it is the proxy's, and the embedded AWS is told so.
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _refuse(self, fault: str) -> None:
        is_s3 = "/s3/" in self.headers.get("Authorization", "")
        code, status = ("SlowDown" if is_s3 else "Throttling", 503 if is_s3 else 400)
        if fault == "fail":
            code, status = "InternalError" if is_s3 else "InternalFailure", 500
        if fault == "expire":
            code, status = "ExpiredToken", 403
        target = self.headers.get("X-Amz-Target")
        if target:
            body, kind = f'{{"__type": "{code}Exception", "message": "on purpose"}}', "application/x-amz-json-1.1"
        else:
            body, kind = (_S3_XML if is_s3 else _XML).format(code=code), "text/xml"
        self._answer(status, [("Content-Type", kind)], body.encode())

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        length = {name.lower(): value for name, value in headers}.get("content-length", str(len(body)))
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
