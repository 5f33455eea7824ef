"""Answers that were given once, given again in their order, one of them changed. No server, no wire."""

from __future__ import annotations

import copy
import io
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody

from tapgen.aws.answers import Answer
from tapgen.aws.session import Aws
from tests.peers.mutations import mutated

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from tapgen.aws.session import ServiceName
    from tests.peers.mutations import Mutation


@dataclass(frozen=True, kw_only=True)
class Given:
    """One answer, as botocore has parsed it; a stream as its bytes."""

    operation: str
    """``cloudformation.DescribeStacks``."""
    answer: dict[str, Any]
    status: int
    model: OperationModel = field(repr=False)
    stream: str = ""
    """The member that is a stream."""


class TapedAws(Aws):
    """Clients that keep what they are answered, or give it again.

    Attributes:
        tape: What was answered since it was emptied, in the order of the answers.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.tape: list[Given] = []
        self._left: dict[str, list[Given]] | None = None
        self._spoilt: tuple[Given, Mutation] | None = None
        self._taped: set[str] = set()
        self._order = threading.Lock()

    def client(self, service: ServiceName) -> Any:
        """The client of a service, taped from its first use on."""
        with self._lock:
            client: Any = super().client(service)
            if service not in self._taped:
                self._taped.add(service)
                client.meta.events.register("before-call", self._give)
                # Before botocore's own, which decodes policies: it does so with what is given again, too.
                service_id = client.meta.service_model.service_id.hyphenize()
                client.meta.events.register_first(f"after-call.{service_id}", self._keep)
            return client

    def rewind(self) -> None:
        """Begin an empty tape; answers come from the server."""
        self.tape = []
        self._left = None
        self._identity = None

    def play(self, tape: list[Given], *, spoilt: Given, mutation: Mutation) -> None:
        """Give the answers of a tape from now on, each once, one of them changed."""
        self._left = {}
        for given in tape:
            self._left.setdefault(given.operation, []).append(given)
        self._spoilt = (spoilt, mutation)
        self._identity = None

    def _give(self, model: OperationModel, **_: object) -> tuple[Any, Any] | None:
        if self._left is None or self._spoilt is None:
            return None
        with self._order:
            name = _name(model)
            if not self._left.get(name):
                raise EndpointConnectionError(endpoint_url=f"the tape, which has no more of {name}")
            given = self._left[name].pop(0)
        spoilt, mutation = self._spoilt
        answer = mutated(given.answer, mutation) if given is spoilt else copy.deepcopy(given.answer)
        if given.stream and isinstance(answer.get(given.stream), bytes):
            answer[given.stream] = _stream(answer[given.stream])
        return SimpleNamespace(status_code=given.status), answer

    def _keep(self, http_response: Any, parsed: dict[str, Any], model: OperationModel, **_: object) -> None:
        if self._left is not None:
            return
        streams = [name for name, value in parsed.items() if isinstance(value, StreamingBody)]
        kept = Answer({name: value for name, value in parsed.items() if name not in streams})
        kept.operation = model.name
        for name in streams:
            content = parsed[name].read()
            kept[name], parsed[name] = content, _stream(content)
        given = Given(
            operation=_name(model),
            answer=copy.deepcopy(kept),
            status=http_response.status_code,
            model=model,
            stream=streams[0] if streams else "",
        )
        with self._order:
            self.tape.append(given)


def _name(model: OperationModel) -> str:
    return f"{model.service_model.service_name}.{model.name}"


def _stream(content: bytes) -> StreamingBody:
    return StreamingBody(io.BytesIO(content), len(content))
