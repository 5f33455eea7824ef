"""The JSON Schemas (draft 2020-12) of what the API takes and gives, from the same constants that validation uses.

What it takes is closed: a field with a slip of the pen is refused. What it gives is open: a field may be added later.

Imported when the API's description is asked for, never at init.
"""

from __future__ import annotations

from typing import Any

from handlers.api.currencies import PUBLISHED, SCALES, WITHDRAWN
from handlers.api.identifiers import ID_PATTERN, USER_PATTERN
from handlers.api.money import MAX_WHOLE_DIGITS
from handlers.api.problems import TYPE_PREFIX
from handlers.api.requests import MAX_LIMIT
from handlers.api.validation import (
    MAX_DESCRIPTION,
    MAX_METADATA_ENTRIES,
    MAX_METADATA_KEY,
    MAX_METADATA_VALUE,
    STATUSES,
    TYPES,
)

Schema = dict[str, Any]

TRANSACTION_ID: Schema = {
    "type": "string",
    "format": "uuid",
    "pattern": f"^{ID_PATTERN}$",
    "description": "A UUIDv7 in lower case: ids sort by time, and so do lists.",
    "examples": ["01a20d87-4e0c-7ee7-9150-45696a453732"],
}
USER_ID: Schema = {"type": "string", "pattern": f"^{USER_PATTERN}$", "examples": ["ada"]}
USER_SEGMENT: Schema = {
    "type": "string",
    "pattern": "^(?!\\.{1,2}$)[ -.0->@-~]{1,255}$",
    "description": "The subject of the user's token. Where it has / or ?, or is . or .., these are escaped twice "
    "(%252F, %253F, %252E): API Gateway decodes a path before it looks for its route.",
    "examples": ["ada"],
}
STATUS: Schema = {"type": "string", "enum": list(STATUSES)}
TYPE: Schema = {"type": "string", "enum": list(TYPES)}
TIME: Schema = {"type": "string", "format": "date-time", "examples": ["2026-11-24T12:00:00.000Z"]}

_AMOUNT: Schema = {
    "type": "string",
    "description": "An exact decimal as text, more than zero, with no more decimals than its currency has.",
    "examples": ["12.30"],
}
# Open, unlike what is taken: the standard gets new codes, and stored transactions keep withdrawn ones.
_CURRENCY: Schema = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217.", "examples": ["EUR"]}
_KEPT = (
    f"ISO 4217 as published on {PUBLISHED}. A withdrawn currency ({', '.join(sorted(WITHDRAWN))}) is taken only where "
    "the transaction has it already."
)
_METADATA: Schema = {
    "type": "object",
    "maxProperties": MAX_METADATA_ENTRIES,
    "propertyNames": {"minLength": 1, "maxLength": MAX_METADATA_KEY},
    "additionalProperties": {"type": "string", "maxLength": MAX_METADATA_VALUE},
    "description": "The caller's own notes.",
}
_DESCRIPTION: Schema = {"type": "string", "maxLength": MAX_DESCRIPTION}


def build_schemas() -> dict[str, Schema]:
    """The components that the description refers to, by name."""
    return {
        "NewTransaction": _input(SCALES, f"ISO 4217 as published on {PUBLISHED}.", {"transactionId": TRANSACTION_ID}),
        "TransactionFields": _input(SCALES | WITHDRAWN, _KEPT, {}),
        "Transaction": _transaction(),
        "TransactionPage": _page(),
        "Problem": _problem(),
        "GatewayMessage": {
            "type": "object",
            "description": "What API Gateway itself answers before the service is asked.",
            "properties": {"message": {"type": ["string", "null"]}},
        },
    }


def _input(scales: dict[str, int], currency: str, extra: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {
            **extra,
            "amount": _AMOUNT,
            "currency": {"type": "string", "enum": sorted(scales), "description": currency, "examples": ["EUR"]},
            "type": TYPE,
            "status": {**STATUS, "default": "posted"},
            "description": {**_DESCRIPTION, "default": ""},
            "metadata": {**_METADATA, "default": {}},
        },
        "required": ["amount", "currency", "type"],
        "additionalProperties": False,
        "anyOf": [_money(scale, scales) for scale in sorted(set(scales.values()))],
    }


def _money(scale: int, scales: dict[str, int]) -> Schema:
    """Amounts in the currencies with this number of decimals."""
    digits = f"(0|[1-9][0-9]{{0,{MAX_WHOLE_DIGITS - 1}}})"
    pattern = f"^(?!0(\\.0+)?$){digits}(\\.[0-9]{{1,{scale}}})?$" if scale else f"^(?!0$){digits}$"
    return {
        "properties": {
            "currency": {"enum": sorted(code for code, decimals in scales.items() if decimals == scale)},
            "amount": {"pattern": pattern},
        }
    }


def _transaction() -> Schema:
    properties: dict[str, Schema] = {
        "userId": USER_ID,
        "transactionId": TRANSACTION_ID,
        "amount": {**_AMOUNT, "description": "An exact decimal with exactly the decimals of its currency."},
        "currency": _CURRENCY,
        "type": TYPE,
        "status": STATUS,
        "description": _DESCRIPTION,
        "metadata": _METADATA,
        "createdAt": TIME,
        "updatedAt": TIME,
        "version": {
            "type": "integer",
            "minimum": 1,
            "description": "Grows with each replacement; its text is the ETag.",
        },
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _page() -> Schema:
    return {
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Transaction"},
                "maxItems": MAX_LIMIT,
                "description": "Newest first. With a filter on status or type a page may hold fewer than `limit`, even "
                "none, and still have a cursor.",
            },
            "cursor": {
                "type": ["string", "null"],
                "description": "Leads to the next page of the same user and filter; null at the end.",
            },
        },
        "required": ["items", "cursor"],
    }


def _problem() -> Schema:
    fault = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
        "required": ["path", "message"],
    }
    return {
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "properties": {
            "type": {"type": "string", "format": "uri", "pattern": f"^{TYPE_PREFIX}"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": fault, "description": "Every fault with the path of its field."},
            "requestId": {"type": "string", "description": "Find the request in the logs by it."},
        },
        "required": ["type", "title", "status", "requestId"],
    }
