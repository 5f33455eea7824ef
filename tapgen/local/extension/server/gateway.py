"""The ASGI application in front of MiniStack: health, IAM's decisions, readiness, and word of every possible change."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tapgen.local.extension.cloudformation.acting.trials import try_all
from tapgen.local.extension.http_api.endpoints import is_domain
from tapgen.local.extension.iam.authorizations import journal
from tapgen.local.extension.server.firing import fire
from tapgen.local.extension.server.hosts import is_own, read_header
from tapgen.local.extension.server.warm_up import warm_up
from tapgen.local.record import AUTHORIZATIONS_PATH, FIRE_PATH, HEALTH_PATH, OWN_PATHS, TRIALS_PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.server.persistence import AnySaver

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Message, Receive, Send], Awaitable[None]]

# In the scope of a signature (IAM user guide, "Create a signed AWS API request").
_STACKS = b"/cloudformation/aws4_request"


class Gateway:
    """Passes everything on to ``application`` except what is asked of the child itself.

    Attributes:
        on_ready: Called once, when MiniStack has started and the next request will be answered.
    """

    def __init__(self, application: Application, saver: AnySaver) -> None:
        self._application = application
        self._saver = saver
        self.on_ready: Callable[[], None] = lambda: None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection scope: the process' life span, a request, or a web socket."""
        if scope["type"] == "lifespan":
            await self._application(scope, self._stopping(receive), self._announcing(send))
        elif scope["type"] == "http" and (refusal := _refuse_strangers(scope)):
            await _answer(send, {"message": refusal}, status=421)
        elif scope["type"] == "http" and scope["path"] == HEALTH_PATH:
            await _answer(send, {"pid": os.getpid()})
        elif scope["type"] == "http" and scope["path"] == AUTHORIZATIONS_PATH:
            since = parse_qs(scope["query_string"].decode("ascii")).get("since", ["0"])
            await _answer(send, journal.since(int(since[0])))
        elif scope["type"] == "http" and scope["path"] == FIRE_PATH:
            arn = parse_qs(scope["query_string"].decode("ascii")).get("arn", [""])[0]
            await _answer(send, await asyncio.to_thread(fire, arn))
        elif scope["type"] == "http" and scope["path"] == TRIALS_PATH:
            asked = parse_qs(scope["query_string"].decode("ascii"))
            kinds = frozenset(asked.get("kind", ()))
            await _answer(send, await asyncio.to_thread(try_all, asked["role"][0], asked["region"][0], kinds=kinds))
        else:
            stacks = any(_STACKS in value for name, value in scope.get("headers", ()) if name == b"authorization")
            await self._application(scope, receive, self._saving_first(send) if stacks else send)
            if scope.get("method") not in ("GET", "HEAD"):
                self._saver.note_request()

    def _saving_first(self, send: Send) -> Send:
        """Send an answer of CloudFormation once the ends that it may tell of are saved."""

        async def save_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._saver.save_ends()
            await send(message)

        return save_and_send

    def _announcing(self, send: Send) -> Send:
        async def send_and_tell(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._saver.start()
                self.on_ready()
                asyncio.get_running_loop().run_in_executor(None, warm_up)

        return send_and_tell

    def _stopping(self, receive: Receive) -> Receive:
        async def receive_and_stop() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._saver.stop()
            return message

        return receive_and_stop


def _refuse_strangers(scope: Message) -> str:
    """Why a request is not answered; empty where it is."""
    host = read_header(scope["headers"], b"host")
    if not is_own(host, is_domain=is_domain):
        return f"the embedded AWS does not answer for {host}: call it as localhost, or by a domain of an API in it"
    if scope["path"].startswith(OWN_PATHS) and read_header(scope["headers"], b"origin"):
        return "a page of a browser may not call the embedded AWS's own paths"
    return ""


async def _answer(send: Send, content: Message, *, status: int = 200) -> None:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
