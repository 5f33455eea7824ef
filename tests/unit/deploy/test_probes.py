"""Synthetic callers of a shift: how many, what is told of them, and for whom they act."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from tapgen.aws.http_api import ApiAnswer
from tapgen.deploy.probes import SYNTHETIC_USER, ProbeAccess, Probes
from tapgen.engine.context import Context
from tapgen.events import Noted
from tapgen.journey import Journey, empty_batch, event, request
from tapgen.journey.transport import CannotCarryError
from tapgen.toolkit.probes import subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.aws.session import Aws
    from tapgen.events import Event

_STATUSES = {"POST": 201, "GET": 200, "DELETE": 204}
ORDERS = Journey(
    steps=(
        request("POST /users/{user}/orders", body={"id": "{unique}"}, expect=201),
        request("GET /users/{user}/orders/{unique}", expect=200),
        request("GET /users/{user}/secrets", only=("verify",)),
        request("DELETE /users/{user}/orders/{unique}", expect=204),
    )
)


class _Api:
    """Answers every request alike."""

    def __init__(self, *, status: int = 0) -> None:
        self.paths: list[str] = []
        self._status = status

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        del body, headers
        self.paths.append(path)
        return ApiAnswer(status=self._status or _STATUSES[method], headers={"etag": '"1"'})


def _probe(api: _Api, *, minute_s: float = 60.0) -> list[Noted]:
    """What is told of some probes."""
    told: list[Event] = []
    context = Context(aws=cast("Aws", None), emit=told.append, minute_s=minute_s)
    probes = Probes(context, ProbeAccess(caller=api), journeys=(ORDERS,), per_min=6000)
    probes.start()
    deadline = time.monotonic() + 30
    while len(api.paths) < 8:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    probes.stop()
    assert not probes.running
    return [event for event in told if isinstance(event, Noted)]


def test_probes_tell_how_they_were_answered() -> None:
    """How many were sent and how many were answered wrongly; all of them for the reserved user."""
    api = _Api()

    (note,) = _probe(api)

    assert note.text == f"{len(api.paths)} synthetic requests were sent, none of them answered wrongly"
    assert all(path.startswith(f"/users/{SYNTHETIC_USER}/orders") for path in api.paths)


@pytest.mark.parametrize("status", [401, 403])
def test_probes_that_nobody_lets_in_are_a_warning(status: int) -> None:
    """Probes without permission test nothing: that must not look like a quiet service."""
    notes = _probe(_Api(status=status), minute_s=0.6)

    assert notes[0].level == "warning"
    assert f"the API refused all {notes[0].text.split()[4]} probes ({status})" == notes[0].text


def _token(claims: Any) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("token", "user"),
    [
        (_token({"sub": "synthetic:monitor"}), "synthetic:monitor"),
        (_token({"scope": "transactions:admin"}), SYNTHETIC_USER),
        (_token(["sub"]), SYNTHETIC_USER),
        ("opaque", SYNTHETIC_USER),
        ("a.%%%.c", SYNTHETIC_USER),
    ],
)
def test_probes_act_for_the_subject_of_their_token(token: str, user: str) -> None:
    """The API lets a subject see its own transactions alone; what is no JWT acts for the reserved user."""
    assert subject_of(token) == user


def test_functions_without_routes_are_invoked() -> None:
    """Every function has its turn: requests go through the API, events to the live alias; who may not is told so."""
    api = _Api()
    events: list[Any] = []
    told: list[Event] = []

    def invoke(sent: Any) -> Any:
        events.append(sent)
        return {"batchItemFailures": []}

    def refuse(sent: Any) -> Any:
        raise CannotCarryError(f"the caller may not invoke nightly:live with {len(sent)} fields")

    context = Context(aws=cast("Aws", None), emit=told.append, minute_s=60.0)
    batch = Journey(steps=(event(empty_batch(), expect={"batchItemFailures": []}),))
    probes = Probes(
        context, ProbeAccess(caller=api), journeys=(ORDERS,), invoked=((batch, invoke), (batch, refuse)), per_min=6000
    )
    probes.start()
    deadline = time.monotonic() + 30
    while len(api.paths) < 6 or len(events) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    probes.stop()

    texts = [note.text for note in told if isinstance(note, Noted)]
    assert any("none of them answered wrongly" in text for text in texts)
    assert "probes left something out: the caller may not invoke nightly:live with 1 fields" in texts
    assert set(map(str, events)) == {"{'Records': []}"}


def test_service_without_an_api_is_probed() -> None:
    """A worker has no API to call, and versions to try all the same."""
    events: list[Any] = []
    context = Context(aws=cast("Aws", None), emit=lambda _: None, minute_s=60.0)
    probes = Probes(context, None, invoked=((Journey(steps=(event(empty_batch()),)), events.append),), per_min=6000)
    probes.start()
    deadline = time.monotonic() + 30
    while not events:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    probes.stop()
