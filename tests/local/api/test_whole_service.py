"""The deployed service under many callers at once: through the gateway, the function, the table, to the archive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.local.api.conftest import valid
from tests.local.api.test_replay import archived, until

if TYPE_CHECKING:
    from tests.local.api.conftest import Answer, Service

CALLERS = 8


def test_one_key_is_one_transaction_for_many_callers(service: Service, user: str) -> None:
    """Sixty POSTs with one key by eight callers at once: one transaction, equal answers, one line in the archive."""

    def post(_: int) -> Answer:
        return service.call("POST", f"/users/{user}/transactions", valid(), idempotency_key="once")

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(post, range(60)))

    assert {answer.status for answer in answers} == {201}
    assert {answer.body for answer in answers} == {answers[0].body}
    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    (item,) = service.call("GET", f"/users/{user}/transactions").document["items"]
    assert item == answers[0].document
    assert len(until(lambda: archived(service, user))) == 1


def test_every_change_reaches_the_archive(service: Service, user: str) -> None:
    """Creations, replacements and deletions of callers at once: each is there once."""

    def live(number: int) -> None:
        path = f"/users/{user}/transactions"
        created = service.call("POST", path, valid(amount=f"{number + 1}.00")).document
        one = f"{path}/{created['transactionId']}"
        assert service.call("PUT", one, valid(status="posted"), if_match='"1"').status == 200
        assert service.call("DELETE", one, if_match='"2"').status == 204

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(live, range(24)))

    until(lambda: len(archived(service, user)) >= 72)
    lines = archived(service, user)
    assert len({line["sequenceNumber"] for line in lines}) == len(lines) == 72
    assert sorted({line["eventName"] for line in lines}) == ["INSERT", "MODIFY", "REMOVE"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PATCH", "/users/ada/transactions", 405),
        ("OPTIONS", "/users/ada/transactions", 405),
        ("HEAD", "/health", 405),
    ],
)
def test_what_no_route_matches_reaches_the_function(service: Service, method: str, path: str, status: int) -> None:
    """$default hands unknown paths and methods on; without CORS, OPTIONS is a method like any other."""
    answer = service.call(method, path)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (status == 405) == ("allow" in answer.headers)


def test_one_log_line_a_request(service: Service, user: str) -> None:
    """The function's log group holds the request with what it consumed; CloudWatch has its metrics."""
    answer = service.call("POST", f"/users/{user}/transactions", valid())
    logs = service.project.client("logs")

    found = until(
        lambda: logs.filter_log_events(
            logGroupName=service.outputs["ApiLogGroupName"], filterPattern=f'"{answer.headers["apigw-requestid"]}"'
        )["events"]
    )

    assert len(found) == 1
    cloudwatch = service.project.client("cloudwatch")
    names = {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="transactions/local")["Metrics"]}
    assert {"RequestDuration", "TransactionsCreated"} <= names
