"""What is queued again."""

from __future__ import annotations

import json
from typing import Any

from handlers.sweep.app import LATE_S, sweep


class Table:
    """As much of a DynamoDB table as the function uses."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = items

    def query(self, *, IndexName: str, KeyConditionExpression: Any, Limit: int) -> dict[str, Any]:
        waiting, late = KeyConditionExpression.get_expression()["values"]
        status, before = waiting.get_expression()["values"][1], late.get_expression()["values"][1]
        found = [item for item in self.items if item["status"] == status and item["takenAt"] < before]
        return {"Items": found[:Limit]}


class Queue:
    """As much of an SQS queue as the function uses."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message(self, *, MessageBody: str) -> None:
        self.bodies.append(MessageBody)


def job(name: str, *, status: str, taken_at: int) -> dict[str, Any]:
    return {"jobId": name, "text": "one two", "status": status, "takenAt": taken_at}


def test_only_late_jobs_are_queued_again() -> None:
    """A job that has just been taken is on its way, and one that is done is done."""
    now = 1_000_000
    table = Table(
        job("late", status="waiting", taken_at=now - LATE_S - 1),
        job("fresh", status="waiting", taken_at=now),
        job("done", status="done", taken_at=0),
    )
    queue = Queue()

    assert sweep(table, queue, now=now) == 1
    assert [json.loads(body) for body in queue.bodies] == [{"jobId": "late", "text": "one two"}]
