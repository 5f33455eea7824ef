"""What each route does: from a checked request to an answer. Storage is handed in."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.api import problems
from handlers.api.currencies import WITHDRAWN
from handlers.api.idempotency import identify
from handlers.api.identifiers import make_id, write_user
from handlers.api.requests import read_filter, read_limit
from handlers.api.storage import ConditionFailedError
from handlers.api.validation import TRANSITIONS, WITHDRAWN_CURRENCY, check_transaction, parse_body

if TYPE_CHECKING:
    from handlers.api.cursors import Cursors
    from handlers.api.items import Transaction
    from handlers.api.requests import Request
    from handlers.api.storage import Table

# A replacement without If-Match that keeps meeting others gives up after this many reads and writes.
_ATTEMPTS = 4


@dataclass(frozen=True)
class Answer:
    """Status, document and headers.

    Attributes:
        document: What is sent as JSON; text is sent as it is, None as an empty body.
        replayed: True for the answer to a request that was answered before.
    """

    status: int
    document: Any = None
    headers: dict[str, str] | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Storage:
    """What operations work on."""

    table: Table
    cursors: Cursors


def create(request: Request, storage: Storage) -> Answer:
    """POST: write once; a client's own id that exists is refused, a repeated key gets the first answer."""
    user_id, key = request.user_id, request.idempotency_key
    document = _parse(request)
    fields = check_transaction(document, allow_id=True)
    now_ms = time.time_ns() // 1_000_000
    now = _write_time(now_ms)
    transaction: Transaction = {
        "transactionId": make_id(now_ms),
        **fields,
        "userId": user_id,
        "createdAt": now,
        "updatedAt": now,
        "version": 1,
    }
    try:
        if key is None:
            storage.table.create(transaction)
            return _created(transaction)
        once = identify(user_id, key, document, now_s=now_ms // 1000)
        recorded = storage.table.create_once(transaction, once)
    except ConditionFailedError as error:
        raise problems.exists(transaction["transactionId"]) from error
    if recorded is None:
        return _created(transaction)
    if recorded.fingerprint != once.fingerprint:
        raise problems.key_reused()
    return _created(recorded.transaction, replayed=True)


def get(request: Request, storage: Storage) -> Answer:
    """GET one."""
    transaction = storage.table.get(request.user_id, request.transaction_id)
    if transaction is None:
        raise _unknown(request)
    return Answer(200, transaction, _etag(transaction))


def list_by_user(request: Request, storage: Storage) -> Answer:
    """GET many: newest first, one Query."""
    user_id, limit, chosen = request.user_id, read_limit(request.query), read_filter(request.query)
    cursor = request.query.get("cursor")
    after = None if cursor is None else storage.cursors.read(cursor, user_id=user_id, filter_text=chosen.text)
    page = storage.table.list_newest(user_id, chosen, limit=limit, after=after)
    following = page.last and storage.cursors.write(page.last, user_id=user_id, filter_text=chosen.text)
    return Answer(200, {"items": page.transactions, "cursor": following})


def replace(request: Request, storage: Storage) -> Answer:
    """PUT: replace the fields of a transaction that exists and has not moved."""
    user_id, transaction_id, versions = request.user_id, request.transaction_id, request.expected_versions
    fields = check_transaction(_parse(request), allow_id=False)
    for _ in range(_ATTEMPTS):
        current = storage.table.get(user_id, transaction_id)
        if current is None:
            raise _unknown(request)
        if versions is not None and current["version"] not in versions:
            raise problems.moved()
        transaction = _succeed(current, fields)
        try:
            storage.table.replace(transaction, expected_version=current["version"])
        except ConditionFailedError:
            # Somebody else was faster: with If-Match that is the caller's to see, without it the caller overrides.
            continue
        return Answer(200, transaction, _etag(transaction))
    raise problems.busy()


def delete(request: Request, storage: Storage) -> Answer:
    """DELETE one that exists and, when asked, has not moved."""
    user_id, transaction_id, versions = request.user_id, request.transaction_id, request.expected_versions
    if versions is not None and not versions:
        # Tags that this API never gave out, which match nothing.
        raise problems.moved()
    try:
        storage.table.delete(user_id, transaction_id, versions=versions)
    except ConditionFailedError as error:
        raise (problems.moved() if error.existing else _unknown(request)) from error
    return Answer(204)


def _succeed(current: Transaction, fields: dict[str, Any]) -> Transaction:
    """The next version of a transaction.

    Raises:
        Problem: 422 when its status may not become that, or it may not have that currency any more.
    """
    allowed, faults = TRANSITIONS[current["status"]], []
    if fields["status"] not in allowed:
        faults.append({"path": "status", "message": f"{current['status']} may become {' or '.join(allowed)}"})
    if fields["currency"] in WITHDRAWN and fields["currency"] != current["currency"]:
        faults.append({"path": "currency", "message": WITHDRAWN_CURRENCY})
    if faults:
        raise problems.invalid(faults)
    now = _write_time(time.time_ns() // 1_000_000)
    return {**current, **fields, "updatedAt": now, "version": current["version"] + 1}


def _parse(request: Request) -> dict[str, Any]:
    return parse_body(request.body, content_type=request.headers.get("content-type", ""))


def _created(transaction: Transaction, *, replayed: bool = False) -> Answer:
    location = f"/users/{write_user(transaction['userId'])}/transactions/{transaction['transactionId']}"
    return Answer(201, transaction, {"location": location, **_etag(transaction)}, replayed)


def _unknown(request: Request) -> problems.Problem:
    return problems.not_found(f"no transaction {request.path['transactionId']} of this user")


def _etag(transaction: Transaction) -> dict[str, str]:
    return {"etag": f'"{transaction["version"]}"'}


def _write_time(time_ms: int) -> str:
    seconds, milliseconds = divmod(time_ms, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}Z"
