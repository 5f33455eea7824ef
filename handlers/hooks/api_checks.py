"""The API function on trial: one synthetic transaction from its creation to its end, every answer looked at.

Checks compare and name fields; they never say what is in them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from handlers.hooks.requests import CREATE, DELETE, HEALTH, LIST, READ, REPLACE, USER, Answer, Request, read_answer
from handlers.hooks.verdict import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from handlers.hooks.invocations import Qualified
    from handlers.hooks.verdict import Log

    Transaction = dict[str, Any]
    Look = Callable[[str, Answer], None]

_SENT = {
    "amount": "12.30",
    "currency": "EUR",
    "type": "debit",
    "status": "pending",
    "description": "trial of a new version",
    "metadata": {"purpose": "hook"},
}
_REPLACEMENT = _SENT | {"amount": "45.60", "status": "posted", "description": "second part of a trial"}
_PAGE = {"limit": "100"}


class Journey:
    """Create, read, list, replace and delete against one version.

    Args:
        version: The version on trial.
        log: Gets a line for each check that passes.
    """

    def __init__(self, version: Qualified, log: Log) -> None:
        self._version = version
        self._log = log

    def run(self) -> list[Transaction]:
        """Every check, in order.

        Returns:
            Transactions of the synthetic user that are not this journey's.

        Raises:
            CheckFailedError: The first check that fails.
        """
        self._check("health", Request(HEALTH), status=200, look=_has({"status": "ok"}))
        created = self._create()
        one = created["transactionId"]
        self._check("read", Request(READ, one), status=200, look=_is(created))
        others = self._list(created)
        replaced = self._replace(created)
        self._check("read replaced", Request(READ, one), status=200, look=_is(replaced))
        self._check("refuse stale", _replacement(one, version=1), status=412)
        self._check("delete", Request(DELETE, one, headers=_if_match(2)), status=204)
        self._check("read deleted", Request(READ, one), status=404)
        return others

    def _create(self) -> Transaction:
        created: Transaction = self._check(
            "create", Request(CREATE, document=_SENT), status=201, look=_tells_creation
        ).document
        return created

    def _list(self, created: Transaction) -> list[Transaction]:
        answer = self._check("list", Request(LIST, query=_PAGE), status=200, look=_lists(created))
        return [item for item in answer.document["items"] if item != created]

    def _replace(self, created: Transaction) -> Transaction:
        one = created["transactionId"]
        kept = {name: created.get(name) for name in ("transactionId", "userId", "createdAt")}
        expected = {**_REPLACEMENT, **kept, "version": 2}
        replaced: Transaction = self._check(
            "replace", _replacement(one, version=1), status=200, look=_has(expected)
        ).document
        return replaced

    def _check(self, check: str, request: Request, *, status: int, look: Look | None = None) -> Answer:
        started = time.perf_counter()
        answer = _send(self._version, check, request, statuses=(status,))
        if look:
            look(check, answer)
        self._log.passed(check, status=status, duration_ms=round((time.perf_counter() - started) * 1000))
        return answer


def call_health(check: str, version: Qualified) -> str:
    """One harmless call; answers which version executed it.

    Raises:
        CheckFailedError: It is not well.
    """
    invocation = version.call(check, Request(HEALTH).event())
    answer = read_answer(check, invocation.document)
    if answer.status != 200:
        raise CheckFailedError(check, expected="status 200", got=str(answer))
    return invocation.executed_version


def list_all(version: Qualified) -> list[Transaction]:
    """What there is of the synthetic user, at most a page.

    Raises:
        CheckFailedError: The version does not answer with a list.
    """
    answer = _send(version, "clean up", Request(LIST, query=_PAGE), statuses=(200,))
    return _items("clean up", answer)


def delete_all(version: Qualified, transactions: Iterable[Transaction]) -> None:
    """Delete transactions of the synthetic user; one that is gone is fine.

    Raises:
        CheckFailedError: One could not be deleted.
    """
    for item in transactions:
        request = Request(DELETE, str(item.get("transactionId")), headers=_if_match(item.get("version")))
        _send(version, "clean up", request, statuses=(204, 404))


def _send(version: Qualified, check: str, request: Request, *, statuses: tuple[int, ...]) -> Answer:
    answer = read_answer(check, version.call(check, request.event()).document)
    if answer.status not in statuses:
        raise CheckFailedError(check, expected=f"status {statuses[0]}", got=str(answer))
    return answer


def _replacement(one: str, *, version: int) -> Request:
    return Request(REPLACE, one, headers=_if_match(version), document=_REPLACEMENT)


def _if_match(version: Any) -> dict[str, str]:
    return {"if-match": f'"{version}"'}


def _has(expected: Transaction) -> Look:
    """The document has these fields; a version comes with its ETag."""

    def look(check: str, answer: Answer) -> None:
        document = answer.document if isinstance(answer.document, dict) else {}
        wrong = [name for name, value in expected.items() if document.get(name) != value]
        if "version" in expected and answer.headers.get("etag") != f'"{expected["version"]}"':
            wrong.append("etag")
        if wrong:
            got = f"status {answer.status}, another {', '.join(wrong)}"
            raise CheckFailedError(check, expected=f"the right {', '.join(expected)}", got=got)

    return look


def _tells_creation(check: str, answer: Answer) -> None:
    """The document is what was sent, with an id, and the location is the new transaction's."""
    _has({**_SENT, "userId": USER, "version": 1})(check, answer)
    one, location = answer.document.get("transactionId"), answer.headers.get("location")
    if not isinstance(one, str) or location != f"/users/{USER}/transactions/{one}":
        got = f"transactionId {one!r} at {location}"
        raise CheckFailedError(check, expected="a transactionId and its location", got=got)


def _is(expected: Transaction) -> Look:
    """The document is this one, field by field."""

    def look(check: str, answer: Answer) -> None:
        _has(expected)(check, answer)
        more = sorted(answer.document.keys() - expected.keys())
        if more:
            raise CheckFailedError(check, expected="the fields of before", got=f"{', '.join(more)} as well")

    return look


def _lists(created: Transaction) -> Look:
    """The created transaction is listed once and as it is, and nobody else's."""

    def look(check: str, answer: Answer) -> None:
        items = _items(check, answer)
        if any(item.get("userId") != USER for item in items):
            raise CheckFailedError(check, expected="this user's transactions", got="another user's among them")
        if items.count(created) != 1:
            same = sum(item.get("transactionId") == created["transactionId"] for item in items)
            got = f"{len(items)} transactions, {same} with its id, {items.count(created)} like it"
            raise CheckFailedError(check, expected="the created transaction, once and unchanged", got=got)

    return look


def _items(check: str, answer: Answer) -> list[Transaction]:
    items = answer.document.get("items") if isinstance(answer.document, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise CheckFailedError(check, expected="a document with items", got=f"status {answer.status} without them")
    return items
