"""The service as its users meet it: deployed to an embedded AWS of its own, spoken to over HTTP."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.local.cli.conftest import Project, copy_project

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Answer:
    """An HTTP response; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Service:
    """A deployed service."""

    project: Project
    url: str
    outputs: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; ``if_match="…"`` is the header ``if-match``."""
        data = json.dumps(body).encode() if body is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if data:
            named.setdefault("content-type", "application/json")
        request = Request(f"{self.url}{path}", data=data, method=method, headers=named)  # noqa: S310 - our own server
        try:
            with urlopen(request, timeout=60) as response:  # noqa: S310 - our own server
                return Answer(response.status, _lower(response.headers), response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read())


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.fixture(name="service", scope="session")
def _service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    project = copy_project(tmp_path_factory.mktemp("service"))
    outputs = project.run_json("deploy", "--env", "local", "--yes")["outputs"]
    yield Service(project, project.run("outputs", "--env", "local", "--key", "LocalApiUrl").strip(), outputs)
    project.run("local", "stop")


@pytest.fixture
def user() -> str:
    """A user whom no other test knows."""
    return f"user-{uuid.uuid4().hex[:12]}"


def valid(**fields: Any) -> dict[str, Any]:
    """A valid body, with some fields replaced."""
    return {"amount": "12.30", "currency": "EUR", "type": "debit", "status": "pending"} | fields
