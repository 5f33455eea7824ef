"""From a request body to a transaction's fields: parsed without floats, every fault collected."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from handlers.api import problems
from handlers.api.currencies import SCALES, WITHDRAWN
from handlers.api.identifiers import is_id
from handlers.api.money import AmountError, normalise_amount

MAX_BODY_BYTES = 16_384
MAX_DESCRIPTION = 256
MAX_METADATA_ENTRIES = 20
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 200

TYPES = ("debit", "credit")
STATUSES = ("pending", "posted", "void")
TRANSITIONS = {"pending": STATUSES, "posted": ("posted", "void"), "void": ("void",)}
"""Status → the statuses that a replacement may have."""

WITHDRAWN_CURRENCY = "was withdrawn from ISO 4217; transactions that have it may keep it"

_FIELDS = {"amount", "currency", "type", "status", "description", "metadata"}


class _Faults:
    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, path: str, message: str) -> None:
        self.found.append({"path": path, "message": message})


def parse_body(body: str | None, *, content_type: str) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        Problem: 413, 415, or 400 when it is not a JSON object; a number with a fraction or an exponent is refused
            here, before it could become a float.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise problems.not_json(content_type)
    text = body or ""
    if len(text.encode()) > MAX_BODY_BYTES:
        raise problems.too_large(MAX_BODY_BYTES)
    try:
        document = json.loads(
            text, parse_float=_refuse_number, parse_constant=_refuse_number, object_pairs_hook=_refuse_repetition
        )
    except (ValueError, RecursionError) as error:
        raise problems.not_parsed(str(error)) from error
    if not isinstance(document, dict):
        raise problems.not_parsed("the body must be a JSON object")
    return document


def check_transaction(document: dict[str, Any], *, allow_id: bool) -> dict[str, Any]:
    """The fields of a transaction, normalised.

    Args:
        document: The parsed body.
        allow_id: For a new transaction, which may bring its id. A replacement may have a withdrawn currency: what it
            replaces may have it.

    Raises:
        Problem: 422 with every fault and its path.
    """
    faults = _Faults()
    known = _FIELDS | ({"transactionId"} if allow_id else set())
    for name in sorted(document.keys() - known):
        faults.add(name, "is not a field of a transaction")
    fields: dict[str, Any] = {
        "type": _choice(document, "type", TYPES, faults),
        "status": _choice({"status": "posted"} | document, "status", STATUSES, faults),
        "description": _text(document, "description", MAX_DESCRIPTION, faults),
        "metadata": _metadata(document.get("metadata", {}), faults),
    }
    fields["currency"], fields["amount"] = _money(document, SCALES if allow_id else SCALES | WITHDRAWN, faults)
    if allow_id and "transactionId" in document:
        fields["transactionId"] = _identifier(document["transactionId"], faults)
    if faults.found:
        raise problems.invalid(faults.found)
    return fields


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not allowed: send amounts as text")


def _refuse_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ in which of two equal names counts; with amounts nobody may guess (RFC 8259, section 4)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has two fields of one name")
    return found


def _choice(document: dict[str, Any], name: str, allowed: tuple[str, ...], faults: _Faults) -> str:
    value = document.get(name)
    if value in allowed and isinstance(value, str):
        return value
    faults.add(name, f"must be one of {', '.join(allowed)}")
    return ""


def _text(document: dict[str, Any], name: str, limit: int, faults: _Faults) -> str:
    value = document.get(name, "")
    if isinstance(value, str) and len(value) <= limit and _is_storable(value):
        return value
    faults.add(name, f"must be text of at most {limit} characters")
    return ""


def _money(document: dict[str, Any], known: dict[str, int], faults: _Faults) -> tuple[str, str]:
    currency, amount = document.get("currency"), document.get("amount")
    if not isinstance(currency, str) or currency not in known:
        withdrawn = isinstance(currency, str) and currency in WITHDRAWN
        faults.add("currency", WITHDRAWN_CURRENCY if withdrawn else "must be an ISO 4217 code")
        currency = ""
    if not isinstance(amount, str):
        faults.add("amount", 'must be a decimal as text, e.g. "12.30"')
        return currency, ""
    try:
        return currency, normalise_amount(amount, currency or "CLF")
    except AmountError as error:
        faults.add("amount", str(error))
        return currency, ""


def _metadata(value: Any, faults: _Faults) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MAX_METADATA_ENTRIES:
        faults.add("metadata", f"must be an object of at most {MAX_METADATA_ENTRIES} entries")
        return {}
    for key, entry in value.items():
        if not 0 < len(key) <= MAX_METADATA_KEY or not _is_storable(key):
            faults.add(f"metadata.{key[:MAX_METADATA_KEY]}", f"keys have 1 to {MAX_METADATA_KEY} characters")
        if not isinstance(entry, str) or len(entry) > MAX_METADATA_VALUE or not _is_storable(entry):
            faults.add(f"metadata.{key[:MAX_METADATA_KEY]}", f"must be text of at most {MAX_METADATA_VALUE} characters")
    return value


def _identifier(value: Any, faults: _Faults) -> str:
    if isinstance(value, str) and is_id(value):
        return value
    faults.add("transactionId", "must be a UUIDv7 in lower case")
    return ""


def _is_storable(text: str) -> bool:
    """JSON may carry lone surrogates, which are no Unicode text and which storage refuses."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
