"""Lists of transactions: order, pages, filters, and cursors that nobody can make up."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from handlers.api.cursors import Cursors
from tests.handlers.conftest import LIST, Caller, Direct, Handler, make_api, make_user

if TYPE_CHECKING:
    from handlers.api.storage import Table

# Milliseconds of ids below, hours apart: 2026-11-24T12:00:00Z, 13:00, 14:00.
NOON_MS = 1_795_521_600_000
HOUR_MS = 3_600_000


def _id(time_ms: int, number: int = 1) -> str:
    digits = f"{time_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-{number:012x}"


def _walk(caller: Caller, **query: str) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    pages: list[list[dict[str, Any]]] = []
    cursor = None
    while not pages or cursor:
        status, page, _ = caller.call(LIST, queryStringParameters=query | ({"cursor": cursor} if cursor else {}))
        assert status == 200, page
        pages.append(page["items"])
        cursor = page["cursor"]
    return pages


def test_list_is_newest_first_in_pages(caller: Caller) -> None:
    """Pages follow each other by cursor, newest first, each transaction once."""
    created = [caller.create(amount=f"{number}.00")["transactionId"] for number in range(1, 6)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        _, page, _ = caller.call(LIST, queryStringParameters=query)
        seen += [item["transactionId"] for item in page["items"]]
        cursor = page["cursor"]

    assert sorted(seen) == sorted(created)
    assert seen == sorted(seen, reverse=True)
    assert cursor is None


def test_cursor_belongs_to_its_list(caller: Caller, app: Handler) -> None:
    """A cursor carried to another user's list, or made up, is 422."""
    caller.create()
    caller.create()
    cursor = caller.call(LIST, queryStringParameters={"limit": "1"})[1]["cursor"]
    other = Caller(app, caller.user + "x")

    for text in (cursor, "!", "e30", base64.urlsafe_b64encode(b'["x", 1]').decode()):
        status, problem, _ = other.call(LIST, queryStringParameters={"cursor": text})
        assert (status, problem["errors"][0]["path"]) == (422, "cursor"), text


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "1.0", ""])
def test_limit_is_bounded(caller: Caller, limit: str) -> None:
    """Limit is a number from 1 to 100."""
    assert caller.call(LIST, queryStringParameters={"limit": limit})[0] == 422


def test_filters_by_status_and_type(caller: Caller) -> None:
    """A filter shows exactly what matches, over as many pages as it takes."""
    for status in ("pending", "posted", "void"):
        for kind in ("debit", "credit"):
            caller.create(status=status, type=kind)

    def found(**query: str) -> list[tuple[str, str]]:
        return sorted((item["status"], item["type"]) for page in _walk(caller, **query) for item in page)

    assert found(status="posted") == [("posted", "credit"), ("posted", "debit")]
    assert found(type="debit") == [("pending", "debit"), ("posted", "debit"), ("void", "debit")]
    assert found(status="void", type="credit", limit="1") == [("void", "credit")]


def test_filtered_page_is_one_bounded_query(caller: Caller, table: Table) -> None:
    """A page reads a bounded number of items: it may be empty and still lead on to what matches."""
    first = caller.create(status="void")
    for _ in range(105):
        caller.create(status="posted")

    pages = _walk(caller, status="void", limit="5")

    assert [item["transactionId"] for page in pages for item in page] == [first["transactionId"]]
    assert pages[0] == []
    assert len(pages) == 2


def test_full_filtered_page_goes_on_after_its_last_item(caller: Caller) -> None:
    """What a filtered page read beyond its limit is not skipped."""
    created = [caller.create(status="void")["transactionId"] for _ in range(5)]

    pages = _walk(caller, status="void", limit="2")

    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(item["transactionId"] for page in pages for item in page) == sorted(created)


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ({"from": "2026-11-24T13:00:00Z"}, [14, 13]),
        ({"to": "2026-11-24T13:00:00Z"}, [12]),
        ({"from": "2026-11-24T12:00:00.001Z", "to": "2026-11-24T14:00:00Z"}, [13]),
        ({"from": "2026-11-24T14:00:00+01:00", "to": "2026-11-24T13:00:00.001Z"}, [13]),
        ({"from": "2030-01-01T00:00:00Z"}, []),
        ({"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59.999999999Z"}, [14, 13, 12]),
        ({"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T12:00:00Z"}, []),
        ({"from": "2026-11-24T12:00:00Z", "status": "void"}, [13]),
    ],
)
def test_time_range_is_by_the_sort_key(caller: Caller, query: dict[str, str], hours: list[int]) -> None:
    """``from`` is the first millisecond, ``to`` the one after the last, at any offset and with other filters."""
    for hour in range(3):
        caller.create(transactionId=_id(NOON_MS + hour * HOUR_MS), status="void" if hour == 1 else "posted")

    found = [item["transactionId"] for page in _walk(caller, limit="1", **query) for item in page]

    assert found == [_id(NOON_MS + (hour - 12) * HOUR_MS) for hour in hours]


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ({"status": "done"}, ["status"]),
        ({"status": "void,posted"}, ["status"]),
        ({"type": ""}, ["type"]),
        ({"from": "yesterday"}, ["from"]),
        ({"from": "2026-11-24"}, ["from"]),
        ({"from": "2026-11-24T12:00:00"}, ["from"]),
        ({"from": "2026-13-24T12:00:00Z"}, ["from"]),
        ({"statsu": "void"}, ["statsu"]),
        ({"status": "x", "type": "y", "from": "z"}, ["status", "type", "from"]),
    ],
)
def test_wrong_filters_are_named(caller: Caller, query: dict[str, str], paths: list[str]) -> None:
    """A filter that cannot be meant is 422 with its name; a slip of the pen does not show everything."""
    status, problem, _ = caller.call(LIST, queryStringParameters=query)

    assert (status, [error["path"] for error in problem["errors"]]) == (422, paths)


def test_cursor_belongs_to_its_filter(caller: Caller) -> None:
    """A cursor of one filter is no position in another's list; the limit may change from page to page."""
    for _ in range(3):
        caller.create(status="posted")
    cursor = caller.call(LIST, queryStringParameters={"limit": "1"})[1]["cursor"]

    assert caller.call(LIST, queryStringParameters={"cursor": cursor, "limit": "2"})[0] == 200
    for other in ({"status": "posted"}, {"type": "debit"}, {"to": "2100-01-01T00:00:00Z"}):
        assert caller.call(LIST, queryStringParameters={"cursor": cursor, **other})[0] == 422, other


def test_cursor_cannot_be_forged(caller: Caller) -> None:
    """Every changed byte makes it worthless: the position is signed, not hidden."""
    caller.create()
    caller.create()
    cursor = caller.call(LIST, queryStringParameters={"limit": "1"})[1]["cursor"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    for index in range(len(raw)):
        forged = raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]
        text = base64.urlsafe_b64encode(forged).decode().rstrip("=")
        assert caller.call(LIST, queryStringParameters={"cursor": text})[0] == 422, index


def test_functions_share_their_cursor_keys(table: Table) -> None:
    """A cursor of one function is good in another that started at the same time."""
    user = make_user()
    one, other = Cursors(table, clock=lambda: 2e9), Cursors(table, clock=lambda: 2e9)

    for writer, reader in ((one, other), (other, one)):
        cursor = writer.write(_id(NOON_MS), user_id=user, filter_text="f")
        assert reader.read(cursor, user_id=user, filter_text="f") == _id(NOON_MS)


def _cursors_at(table: Table, now_s: float) -> Cursors:
    return Cursors(table, clock=lambda: now_s)


def test_cursor_outlives_the_change_of_keys_and_no_more(table: Table) -> None:
    """Keys change each month; a cursor is good in its own month and the next one."""
    month_s = 31 * 86_400
    user, start = make_user(), 2_100_000_000.0
    caller = [
        Caller(Direct(make_api(table, cursors=_cursors_at(table, start + months * month_s))), user)
        for months in range(3)
    ]
    caller[0].create()
    caller[0].create()
    cursor = caller[0].call(LIST, queryStringParameters={"limit": "1"})[1]["cursor"]

    statuses = [each.call(LIST, queryStringParameters={"cursor": cursor})[0] for each in caller]

    assert statuses == [200, 200, 422]


def test_lists_show_transactions_alone(caller: Caller) -> None:
    """Neither idempotency records nor cursor keys are in anybody's list."""
    caller.call(
        "POST /users/{userId}/transactions",
        body=json.dumps({"amount": "1.00", "currency": "EUR", "type": "debit"}),
        headers={"idempotency-key": "k"},
    )

    assert len(caller.call(LIST)[1]["items"]) == 1
    for partition in (f"idempotency#{caller.user}", "cursor-keys#"):
        assert Caller(caller.app, partition).call(LIST)[1] == {"items": [], "cursor": None}
