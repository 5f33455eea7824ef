"""What the API answers, over a table and a queue that live in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from handlers.intake.app import MAX_TEXT, Stores, answer, handler


class Table:
    """As much of a DynamoDB table as the API uses."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_item(self, *, Item: dict[str, Any]) -> None:
        self.items[Item["jobId"]] = Item

    def get_item(self, *, Key: dict[str, str]) -> dict[str, Any]:
        found = self.items.get(Key["jobId"])
        return {"Item": found} if found else {}


class Queue:
    """As much of an SQS queue as the API uses."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message(self, *, MessageBody: str) -> None:
        self.bodies.append(MessageBody)


@pytest.fixture
def stores() -> Stores:
    return Stores(jobs=Table(), work=Queue())


def ask(stores: Stores, route: str, **more: Any) -> tuple[int, Any]:
    response = answer({"routeKey": route, **more}, stores)
    return response["statusCode"], json.loads(response["body"])


def test_job_is_written_down_and_queued(stores: Stores) -> None:
    """A job that was taken can be read, and waits in the queue."""
    status, job = ask(stores, "POST /jobs", body=json.dumps({"text": "count these words"}))

    assert status == 202
    assert ask(stores, "GET /jobs/{jobId}", pathParameters={"jobId": job["jobId"]}) == (200, job)
    assert [json.loads(body)["jobId"] for body in stores.work.bodies] == [job["jobId"]]


@pytest.mark.parametrize(
    "body", ["", "no JSON", "[]", "{}", '{"text": ""}', json.dumps({"text": "x" * (MAX_TEXT + 1)})]
)
def test_job_without_text_is_refused(stores: Stores, body: str) -> None:
    """What cannot be a job is refused, and nothing is queued."""
    assert ask(stores, "POST /jobs", body=body)[0] == 400
    assert not stores.work.bodies


def test_unknown_job_is_not_found(stores: Stores) -> None:
    """A job that nobody gave is not there."""
    assert ask(stores, "GET /jobs/{jobId}", pathParameters={"jobId": "none"})[0] == 404


def test_health_needs_nothing() -> None:
    """Whether the function runs is answered without a call to AWS."""
    assert handler({"routeKey": "GET /health"}, None)["statusCode"] == 200
