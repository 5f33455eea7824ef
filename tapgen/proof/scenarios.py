"""Uses of the deployed service, step by step: requests to the API, a batch for the archiver, shifts with their hooks.

A step that does not end as it should fails its scenario by name. Nothing here knows a permission.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.http_api import ApiAnswer, ApiCaller
    from tapgen.aws.session import Aws
    from tapgen.naming import Names

USER = "ada"
"""In whose name the API is called."""

_TRANSACTION = {"amount": "12.30", "currency": "EUR", "type": "debit", "status": "pending", "description": "tea"}
_PAGE_SIZE = 1


class StepFailedError(Exception):
    """A step did not end as it should.

    Args:
        step: Its name.
        got: What happened.
    """

    def __init__(self, step: str, got: str) -> None:
        super().__init__(f"{step}: {got}")
        self.step = step
        self.got = got


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A use of the service.

    Attributes:
        name: What is done, in words.
        roles: Names of the roles that it proves: what they are asked for is recorded.
        steps: Does it; yields the name of each step that ended well.
        bystanders: Roles that work in it, too. Scenarios with a role in common never run at once.
        waits: Whether it waits for something to happen, in vain when a mutant may not see it.
    """

    name: str
    roles: frozenset[str]
    steps: Callable[[], Iterator[str]]
    bystanders: frozenset[str] = frozenset()
    waits: bool = False


def api_scenario(names: Names, caller: ApiCaller) -> Scenario:
    """Every operation of the API, once, over HTTP."""
    return Scenario(name="the API", roles=frozenset({names.function_role("api")}), steps=lambda: _Journey(caller).run())


def archiver_scenario(names: Names, aws: Aws) -> Scenario:
    """Batches as the stream delivers them: a change, another one of the same second, and one that is none.

    The function starts cold: what it asks for once and keeps is asked for each time.
    """
    steps = {"archive a change": _change(1), "archive another change": _change(2), "refuse a record": _POISON}

    def run() -> Iterator[str]:
        client, function = aws.client("lambda"), names.function("archiver")
        timeout_s = client.get_function_configuration(FunctionName=function)["Timeout"]
        client.update_function_configuration(FunctionName=function, Timeout=timeout_s)
        for step, record in steps.items():
            answer = client.invoke(FunctionName=function, Payload=json.dumps({"Records": [record]}).encode())
            document = json.load(answer["Payload"])
            if answer.get("FunctionError"):
                raise StepFailedError(step, str(document.get("errorMessage", document)).partition(": ")[0])
            if document.get("batchItemFailures"):
                raise StepFailedError(step, "the record is to be delivered again")
            yield step

    return Scenario(name="the archiver", roles=frozenset({names.function_role("archiver")}), steps=run)


class _Journey:
    """One transaction from its creation to its end, and the list it is in."""

    def __init__(self, caller: ApiCaller) -> None:
        self._caller = caller

    def run(self) -> Iterator[str]:
        path = f"/users/{USER}/transactions"
        key = {"idempotency-key": str(uuid.uuid4())}
        step = "create a transaction"
        created = self._send(step, 201, "POST", path, _TRANSACTION, headers=key).document
        yield step
        step = "create a transaction again"
        self._send(step, 201, "POST", path, _TRANSACTION, headers=key)
        yield step
        one = f"{path}/{created['transactionId']}"
        step = "read a transaction"
        self._send(step, 200, "GET", one)
        yield step
        step = "list transactions"
        self._list(step, path)
        yield step
        step = "replace a transaction"
        replaced = self._send(step, 200, "PUT", one, _TRANSACTION | {"status": "posted"}, headers={"if-match": '"1"'})
        yield step
        step = "delete a transaction"
        self._send(step, 204, "DELETE", one, headers={"if-match": replaced.headers["etag"]})
        yield step

    def _list(self, step: str, path: str) -> None:
        """Two pages: the second is asked for with the cursor of the first."""
        page = self._send(step, 200, "GET", f"{path}?limit={_PAGE_SIZE}").document
        self._send(step, 200, "GET", f"{path}?limit={_PAGE_SIZE}&cursor={page['cursor']}")

    def _send(self, step: str, status: int, *request: Any, headers: dict[str, str] | None = None) -> ApiAnswer:
        """Send (method, path, document) and want a status."""
        method, path, document = (*request, None)[:3]
        body = json.dumps(document).encode() if document is not None else None
        sent = {"content-type": "application/json"} if body else {}
        answer = self._caller.request(method, path, body=body, headers=sent | (headers or {}))
        if answer.status != status:
            raise StepFailedError(step, f"status {answer.status} instead of {status}")
        return answer


_KEYS = {"userId": {"S": USER}, "transactionId": {"S": "00000000-0000-7000-8000-000000000000"}}


def _change(number: int) -> dict[str, Any]:
    """A change as DynamoDB streams deliver it (DynamoDB Streams API reference, "Record")."""
    return {
        "eventID": str(number),
        "eventName": "REMOVE",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": _KEYS,
            "OldImage": _KEYS,
            "SequenceNumber": f"10000000000000000000{number}",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


_POISON = {"eventID": "3", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "300000000000000000003"}}
