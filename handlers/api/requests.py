"""One request as operations see it: names, preconditions and filters checked, nothing else of HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from handlers.api import problems
from handlers.api.idempotency import MAX_KEY
from handlers.api.identifiers import is_id, is_user, lowest_id, read_user
from handlers.api.validation import STATUSES, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_LIMIT, MAX_LIMIT = 25, 100
LIST_PARAMETERS = ("limit", "cursor", "status", "type", "from", "to")

# RFC 9110: a list of entity tags. A weak one never matches, since If-Match compares strongly.
_ENTITY_TAGS = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*', re.ASCII)
_MAX_VERSIONS = 100
_VERSION = re.compile(r'(?<!W/)"([1-9][0-9]{0,17})"', re.ASCII)
# RFC 3339, which is stricter than what Python reads.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY}}}")


@dataclass(frozen=True)
class Request:
    """One request, as far as operations care."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case, as HTTP APIs send them."""
    body: str | None
    require_if_match: bool = False
    """Whether the environment refuses to change what the caller has not read."""

    @property
    def user_id(self) -> str:
        """The user in the path.

        Raises:
            Problem: 422 when it cannot be a user's id.
        """
        user = read_user(self.path["userId"])
        if not is_user(user):
            raise _invalid("userId", "must be 1 to 255 printable ASCII characters")
        return user

    @property
    def transaction_id(self) -> str:
        """The transaction in the path.

        Raises:
            Problem: 404 when it cannot be an id: there is no such transaction.
        """
        found = self.path["transactionId"]
        if not is_id(found):
            raise problems.not_found("transactionId is not a UUIDv7 in lower case")
        return found

    @property
    def expected_versions(self) -> frozenset[int] | None:
        """The versions that ``If-Match`` allows; None for any.

        Raises:
            Problem: 428 when it is missing and asked for, 400 when it is no list of entity tags.
        """
        tags = self.headers.get("if-match")
        if tags is None:
            if self.require_if_match:
                raise problems.precondition_required()
            return None
        if tags.strip() == "*":
            return None
        versions = frozenset(int(version) for version in _VERSION.findall(tags))
        if not _ENTITY_TAGS.fullmatch(tags) or len(versions) > _MAX_VERSIONS:
            raise problems.not_parsed(f'If-Match must be * or at most {_MAX_VERSIONS} entity tags, e.g. "3"')
        return versions

    @property
    def idempotency_key(self) -> str | None:
        """The caller's key for this request, or None.

        Raises:
            Problem: 422 when it is empty, too long, or not visible ASCII.
        """
        key = self.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise _invalid("Idempotency-Key", f"must be 1 to {MAX_KEY} visible ASCII characters")
        return key


@dataclass(frozen=True)
class Filter:
    """Which of a user's transactions a list shows; None does not filter."""

    status: str | None
    type: str | None
    from_ms: int | None
    """First millisecond, by the time in ``transactionId``."""
    to_ms: int | None
    """The millisecond after the last."""

    @property
    def text(self) -> str:
        """The same for equal filters alone."""
        return f"{self.status}|{self.type}|{self.from_ms}|{self.to_ms}"

    @property
    def is_empty(self) -> bool:
        """True for a time range that ends before it begins: nothing can match."""
        return self.from_ms is not None and self.to_ms is not None and self.to_ms <= self.from_ms

    @property
    def lowest(self) -> str | None:
        """No listed id is less."""
        return None if self.from_ms is None else lowest_id(self.from_ms)

    @property
    def beyond(self) -> str | None:
        """Every listed id is less."""
        return None if self.to_ms is None else lowest_id(self.to_ms)


def read_filter(query: Mapping[str, str]) -> Filter:
    """The filter in a query string.

    Raises:
        Problem: 422 with every fault; a parameter that lists do not have is one, because a filter with a slip of the
            pen would otherwise show everything.
    """
    faults = [
        {"path": name, "message": "is not a parameter of lists"} for name in sorted(query.keys() - LIST_PARAMETERS)
    ]
    found = Filter(
        status=_read_choice(query, "status", STATUSES, faults),
        type=_read_choice(query, "type", TYPES, faults),
        from_ms=_read_time(query, "from", faults),
        to_ms=_read_time(query, "to", faults),
    )
    if faults:
        raise problems.invalid(faults)
    return found


def read_limit(query: Mapping[str, str]) -> int:
    """How many transactions a page may have.

    Raises:
        Problem: 422 when it is no number from 1 to 100.
    """
    text = query.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > MAX_LIMIT:
        raise _invalid("limit", f"must be a number from 1 to {MAX_LIMIT}")
    return int(text)


def _read_choice(
    query: Mapping[str, str], name: str, allowed: tuple[str, ...], faults: list[dict[str, str]]
) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        faults.append({"path": name, "message": f"must be one of {', '.join(allowed)}"})
    return value


def _read_time(query: Mapping[str, str], name: str, faults: list[dict[str, str]]) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        faults.append({"path": name, "message": "must be a time such as 2026-11-24T12:00:00Z (RFC 3339)"})
        return None
    return max(0, _to_ms(moment))


def _to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, by whole numbers: a float would be off by one here and there."""
    since_epoch = moment - datetime.fromisoformat("1970-01-01T00:00:00Z")
    return (since_epoch.days * 86_400 + since_epoch.seconds) * 1000 + since_epoch.microseconds // 1000


def _invalid(path: str, message: str) -> Any:
    return problems.invalid([{"path": path, "message": message}])
