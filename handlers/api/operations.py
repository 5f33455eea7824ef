"""What each route does: from a parsed request to an answer. Storage and clock are handed in."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.api import problems
from handlers.api.identifiers import is_id, make_id
from handlers.api.storage import ConditionFailedError
from handlers.api.validation import TRANSITIONS, check_transaction, parse_body

if TYPE_CHECKING:
    from handlers.api.storage import Table, Transaction

_USER = re.compile(r"[A-Za-z0-9._@:|-]{1,128}", re.ASCII)
_DEFAULT_LIMIT, _MAX_LIMIT = 25, 100


@dataclass(frozen=True)
class Request:
    """One request, as far as operations care."""

    path: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case, as HTTP APIs send them."""
    body: str | None

    @property
    def user_id(self) -> str:
        """The user in the path.

        Raises:
            Problem: 422 when it cannot be a user's id.
        """
        user = self.path["userId"]
        if not _USER.fullmatch(user):
            raise problems.invalid([{"path": "userId", "message": "1 to 128 letters, digits and . _ @ : | -"}])
        return user

    @property
    def transaction_id(self) -> str:
        """The transaction in the path.

        Raises:
            Problem: 404 when it cannot be an id: there is no such transaction.
        """
        found = self.path["transactionId"]
        if not is_id(found):
            raise problems.not_found("transactionId is not a UUID in lower case")
        return found

    @property
    def expected_version(self) -> int | None:
        """The version that ``If-Match`` asks for, or None.

        Raises:
            Problem: 412 when it is no ETag of ours, which can match nothing.
        """
        tag = self.headers.get("if-match")
        if tag in (None, "*"):
            return None
        match = re.fullmatch(r'"([1-9][0-9]{0,17})"', tag or "", re.ASCII)
        if not match:
            raise problems.moved()
        return int(match.group(1))


@dataclass(frozen=True)
class Answer:
    """Status, document and headers; no document is an empty body."""

    status: int
    document: Any = None
    headers: dict[str, str] | None = None


def create(request: Request, table: Table) -> Answer:
    """POST: write once; a client's own id that exists is refused."""
    user_id = request.user_id
    fields = check_transaction(_parse(request), allow_id=True)
    now = _now()
    transaction: Transaction = {
        "transactionId": make_id(),
        **fields,
        "userId": user_id,
        "createdAt": now,
        "updatedAt": now,
        "version": 1,
    }
    try:
        table.create(transaction)
    except ConditionFailedError as error:
        raise problems.exists(transaction["transactionId"]) from error
    location = f"/users/{user_id}/transactions/{transaction['transactionId']}"
    return Answer(201, transaction, {"location": location, **_etag(transaction)})


def get(request: Request, table: Table) -> Answer:
    """GET one."""
    transaction = table.get(request.user_id, request.transaction_id)
    if transaction is None:
        raise _unknown(request)
    return Answer(200, transaction, _etag(transaction))


def list_by_user(request: Request, table: Table) -> Answer:
    """GET many: newest first, one Query."""
    user_id = request.user_id
    limit = _limit(request.query.get("limit"))
    before = _read_cursor(request.query.get("cursor"), user_id)
    items, last = table.list_newest(user_id, limit=limit, before=before)
    return Answer(200, {"items": items, "cursor": _write_cursor(last, user_id) if last else None})


def replace(request: Request, table: Table) -> Answer:
    """PUT: replace the fields of a transaction that exists and has not moved."""
    current = table.get(request.user_id, request.transaction_id)
    fields = check_transaction(_parse(request), allow_id=False)
    if current is None:
        raise _unknown(request)
    if request.expected_version not in (None, current["version"]):
        raise problems.moved()
    if fields["status"] not in TRANSITIONS[current["status"]]:
        message = f"{current['status']} may become {' or '.join(TRANSITIONS[current['status']])}"
        raise problems.invalid([{"path": "status", "message": message}])
    transaction = {**current, **fields, "updatedAt": _now(), "version": current["version"] + 1}
    try:
        table.replace(transaction, expected_version=current["version"])
    except ConditionFailedError as error:
        raise problems.moved() from error
    return Answer(200, transaction, _etag(transaction))


def delete(request: Request, table: Table) -> Answer:
    """DELETE one that exists and, when asked, has not moved."""
    user_id, transaction_id, expected = request.user_id, request.transaction_id, request.expected_version
    try:
        table.delete(user_id, transaction_id, expected_version=expected)
    except ConditionFailedError as error:
        if expected is not None and table.get(user_id, transaction_id):
            raise problems.moved() from error
        raise _unknown(request) from error
    return Answer(204)


def _parse(request: Request) -> dict[str, Any]:
    return parse_body(request.body, content_type=request.headers.get("content-type", ""))


def _unknown(request: Request) -> problems.Problem:
    return problems.not_found(f"no transaction {request.path['transactionId']} of this user")


def _etag(transaction: Transaction) -> dict[str, str]:
    return {"etag": f'"{transaction["version"]}"'}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > _MAX_LIMIT:
        raise problems.invalid([{"path": "limit", "message": f"must be a number from 1 to {_MAX_LIMIT}"}])
    return int(text)


def _write_cursor(transaction_id: str, user_id: str) -> str:
    """Opaque to callers; names the user, so that it cannot be carried to another one's list."""
    return base64.urlsafe_b64encode(json.dumps([user_id, transaction_id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, user_id: str) -> str | None:
    if cursor is None:
        return None
    try:
        owner, transaction_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, TypeError, ValueError):
        owner = transaction_id = None
    if owner != user_id or not isinstance(transaction_id, str) or not is_id(transaction_id):
        raise problems.invalid([{"path": "cursor", "message": "is not a cursor of this list"}])
    return transaction_id
