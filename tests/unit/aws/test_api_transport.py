"""Steps over HTTP: what is sent, and what an answer is taken for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.api_transport import ApiTransport
from tapgen.aws.http_api import NOT_ANSWERED, ApiAnswer
from tapgen.journey.transport import Answer, CannotCarryError, NoAnswerError, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Caller:
    def __init__(self, answer: ApiAnswer) -> None:
        self.answer = answer
        self.sent: list[tuple[str, str, bytes | None, Mapping[str, str]]] = []

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        self.sent.append((method, path, body, headers or {}))
        return self.answer


def test_request_is_sent_as_a_client_does() -> None:
    """Path and query encoded, the body as JSON with its type, the answer's document parsed."""
    caller = _Caller(ApiAnswer(status=201, headers={"etag": '"1"'}, body=b'{"id": 7}'))
    request = Sent(
        method="POST", path="/users/synthetic:a b/orders", query={"q": "a&b"}, headers={"if-match": "*"}, body={"a": 1}
    )

    answer = ApiTransport(caller=caller).send(request)

    assert answer == Answer(status=201, headers={"etag": '"1"'}, body={"id": 7})
    ((method, path, body, headers),) = caller.sent
    assert (method, path) == ("POST", "/users/synthetic:a%20b/orders?q=a%26b")
    assert json.loads(body or b"") == {"a": 1}
    assert headers == {"content-type": "application/json", "if-match": "*"}


def test_connection_without_an_answer_is_told() -> None:
    """With the reason of whoever carried it."""
    caller = _Caller(ApiAnswer(status=NOT_ANSWERED, reason="connection refused"))

    with pytest.raises(NoAnswerError) as caught:
        ApiTransport(caller=caller).send(Sent(method="GET", path="/"))
    assert caught.value.got == "connection refused"


@pytest.mark.parametrize(("user", "carried"), [("ada", True), (None, True), ("synthetic:probe", False)])
def test_token_speaks_for_its_subject_alone(user: str | None, carried: bool) -> None:  # noqa: FBT001 - a table of cases
    """A step of another user is left out; one of nobody is sent with the token, which an open route does not read."""
    transport = ApiTransport(caller=_Caller(ApiAnswer(status=200)), subject="ada")
    request = Sent(method="GET", path="/", user=user)

    if carried:
        assert transport.send(request).status == 200
    else:
        with pytest.raises(CannotCarryError, match="speaks for ada alone"):
            transport.send(request)


def test_what_there_is_no_way_for_is_left_out() -> None:
    """No API, no right to invoke, no way to the source."""
    transport = ApiTransport()
    for carry in (
        lambda: transport.send(Sent(method="GET", path="/")),
        lambda: transport.deliver({}, "invoke"),
        lambda: transport.deliver({}, "source"),
    ):
        with pytest.raises(CannotCarryError):
            carry()


def test_event_goes_to_the_function_or_its_source() -> None:
    """The function's result is looked at; a source has none."""
    seen: list[Any] = []
    transport = ApiTransport(invoke=lambda event: {"got": event}, send_to_source=seen.append)

    assert transport.deliver({"a": 1}, "invoke") == {"got": {"a": 1}}
    assert transport.deliver({"a": 2}, "source") is None
    assert seen == [{"a": 2}]
