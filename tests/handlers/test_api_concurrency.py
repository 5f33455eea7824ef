"""Many requests at once, and requests that die on the way: nothing twice, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from handlers.api.storage import Table
from handlers.common.clients import make_client
from tests.handlers.conftest import CREATE, GET, LIST, REPLACE, Caller, Direct, make_api, make_user, read_event, valid

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handlers.conftest import Handler

AT_ONCE = 200


def _at_once(table_name: str, count: int, request: Callable[[Caller], Any], user: str) -> list[Any]:
    """So many requests, each by a function of its own, all of which begin together."""
    client = make_client("dynamodb")
    barrier = threading.Barrier(count)

    def run(_: int) -> Any:
        caller = Caller(Direct(make_api(Table(client, table_name))), user)
        barrier.wait(timeout=60)
        return request(caller)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_one_key_is_one_transaction(table_name: str, caller: Caller) -> None:
    """Two hundred concurrent POSTs with one key: one transaction, two hundred equal answers."""
    key = {"idempotency-key": "once"}

    answers = _at_once(table_name, AT_ONCE, lambda each: each.call(CREATE, body=valid(), headers=key), caller.user)

    assert {status for status, _, _ in answers} == {201}
    assert all(answer == answers[0] for answer in answers)
    assert [item["transactionId"] for item in caller.call(LIST)[1]["items"]] == [answers[0][1]["transactionId"]]


def test_one_id_is_one_transaction(table_name: str, caller: Caller) -> None:
    """Concurrent POSTs with one client's id and no key: one 201, else 409."""
    own = valid(transactionId="01a20d87-4e0c-7ee7-9150-45696a453732")

    answers = _at_once(table_name, 30, lambda each: each.call(CREATE, body=own)[0], caller.user)

    assert sorted(answers) == [201, *[409] * 29]


def test_one_etag_is_one_replacement(table_name: str, caller: Caller) -> None:
    """Concurrent PUTs with one ETag: exactly one wins, and what it wrote is what is there."""
    path = {"transactionId": caller.create()["transactionId"]}
    amounts = iter(range(1, 31))
    lock = threading.Lock()

    def replace(each: Caller) -> Any:
        with lock:
            amount = f"{next(amounts)}.00"
        return each.call(REPLACE, path=path, body=valid(amount=amount), headers={"if-match": '"1"'})

    answers = _at_once(table_name, 30, replace, caller.user)

    (won,) = [answer for status, answer, _ in answers if status == 200]
    assert {status for status, _, _ in answers} == {200, 412}
    assert caller.call(GET, path=path)[1] == won


# Kills itself where it is told: before the call reaches DynamoDB, or when DynamoDB has answered.
_VICTIM = """
import json, os, signal, sys
from handlers.api import app
app._table._client.meta.events.register(sys.argv[1], lambda **_: os.kill(os.getpid(), signal.SIGKILL))
app.handler(json.loads(sys.stdin.read()), None)
"""


@pytest.mark.parametrize(
    "moment", ["before-send.dynamodb.TransactWriteItems", "after-call.dynamodb.TransactWriteItems"]
)
def test_killed_request_is_retried_to_one_transaction(app: Handler, table_name: str, moment: str) -> None:
    """A function that dies before or after its write, and the caller's retry with the same key: one transaction."""
    user = make_user()
    event = read_event("http_api_v2") | {
        "routeKey": CREATE,
        "pathParameters": {"userId": user},
        "body": json.dumps(valid()),
    }
    event["headers"] |= {"idempotency-key": "retry"}

    died = subprocess.run(
        [sys.executable, "-c", _VICTIM, moment], input=json.dumps(event), text=True, check=False, env=dict(os.environ)
    )
    assert died.returncode == -signal.SIGKILL
    written = len(Caller(app, user).call(LIST)[1]["items"])
    assert written == (0 if moment.startswith("before") else 1)

    answers = [Caller(app, user).call(CREATE, body=valid(), headers={"idempotency-key": "retry"}) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0][0] == 201
    (item,) = Caller(app, user).call(LIST)[1]["items"]
    assert item == answers[0][1]
