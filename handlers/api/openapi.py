"""The API's description: an OpenAPI 3.1 document, made of the constants and routes that the code itself works with.

Imported when somebody asks for it, never at init. ``scripts/openapi write`` puts it into
docs/transactions/openapi.json.
"""

from __future__ import annotations

from typing import Any

from handlers.api import schemas
from handlers.api.idempotency import MAX_KEY
from handlers.api.requests import DEFAULT_LIMIT, MAX_LIMIT
from handlers.api.routes import TRANSACTION, TRANSACTIONS
from handlers.api.validation import MAX_BODY_BYTES

VERSION = "2.0.0"
"""Of the contract: a breaking change moves the first number."""

Node = dict[str, Any]

_REASONS = {
    400: "The request cannot be parsed",
    401: "The caller did not say who they are",
    403: "The caller may not do this",
    404: "There is no such transaction",
    409: "The transaction exists already",
    412: "The transaction has changed since the caller read it",
    413: f"The body has more than {MAX_BODY_BYTES} bytes",
    415: "The body is not JSON",
    422: "The request was parsed and is not valid",
    428: "The request needs an If-Match",
    429: "The stage's limit of requests is reached",
    500: "The service failed",
    503: "Storage is busy; try again after the seconds in Retry-After",
}
# What every operation may answer whatever it is: by API Gateway, or by a service that is out of order.
_ALWAYS = (429, 500, 503)
_BODY = (400, 413, 415)


def build_document(*, authorization: str = "NONE", require_if_match: bool = False) -> Node:
    """The description of one environment's API.

    Args:
        authorization: NONE, IAM or JWT.
        require_if_match: PUT and DELETE are refused without a precondition.
    """
    protected = authorization != "NONE"
    document: Node = {
        "openapi": "3.1.0",
        "info": {
            "title": "Transactions API",
            "version": VERSION,
            "description": "Debits and credits of users, as exact decimals. Errors are problem documents (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        # Beside the document itself, wherever that is served.
        "servers": [{"url": "./"}],
        "tags": [{"name": "transactions"}, {"name": "service"}],
        "paths": {
            TRANSACTIONS: {
                "parameters": [_path("userId", schemas.USER_SEGMENT, "Who the transactions belong to.")],
                "get": _list(protected=protected),
                "post": _create(protected=protected),
            },
            TRANSACTION: {
                "parameters": [
                    _path("userId", schemas.USER_SEGMENT, "Who the transaction belongs to."),
                    _path("transactionId", schemas.TRANSACTION_ID, "Which transaction."),
                ],
                "get": _get(protected=protected),
                "put": _replace(protected=protected, precondition=_if_match(required=require_if_match)),
                "delete": _delete(protected=protected, precondition=_if_match(required=require_if_match)),
            },
            **_service_paths(),
        },
        "components": {"schemas": schemas.build_schemas()},
    }
    if protected:
        document["components"]["securitySchemes"] = {"caller": _SECURITY[authorization]}
    return document


_SECURITY: dict[str, Node] = {
    "JWT": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The token's `sub` is the user; the scope `transactions:admin` speaks for all.",
    },
    "IAM": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "AWS Signature Version 4 for the service execute-api.",
    },
}


def _list(*, protected: bool) -> Node:
    return _operation(
        "listTransactions",
        "List a user's transactions, newest first",
        {200: _content("A page of transactions", "TransactionPage")},
        refusals=(422,),
        protected=protected,
        parameters=[
            _query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
                "Most that a page holds.",
            ),
            _query("cursor", {"type": "string"}, "The cursor of the page before; filters stay the same."),
            _query("status", schemas.STATUS, "Only transactions with this status."),
            _query("type", schemas.TYPE, "Only transactions of this type."),
            _query("from", schemas.TIME, "Only transactions of this millisecond or later, by the time in their id."),
            _query("to", schemas.TIME, "Only transactions before this millisecond, by the time in their id."),
        ],
    )


def _create(*, protected: bool) -> Node:
    key = {"type": "string", "pattern": f"^[!-~]{{1,{MAX_KEY}}}$"}
    text = "For 24 hours the same key and body get the same answer and create nothing new; another body is refused."
    return _operation(
        "createTransaction",
        "Create a transaction",
        {201: _content("The transaction", "Transaction", headers={"etag": _ETAG, "location": _LOCATION})},
        refusals=(*_BODY, 409, 422),
        protected=protected,
        parameters=[_header("Idempotency-Key", key, text)],
        body="NewTransaction",
    )


def _get(*, protected: bool) -> Node:
    return _operation(
        "getTransaction",
        "Read a transaction",
        {200: _content("The transaction", "Transaction", headers={"etag": _ETAG})},
        refusals=(404, 422),
        protected=protected,
    )


def _replace(*, protected: bool, precondition: Node) -> Node:
    return _operation(
        "replaceTransaction",
        "Replace a transaction's fields",
        {200: _content("The transaction as it is now", "Transaction", headers={"etag": _ETAG})},
        refusals=(*_BODY, 404, 412, 422, 428),
        protected=protected,
        parameters=[precondition],
        body="TransactionFields",
    )


def _delete(*, protected: bool, precondition: Node) -> Node:
    return _operation(
        "deleteTransaction",
        "Delete a transaction",
        {204: {"description": "It is gone"}},
        refusals=(400, 404, 412, 422, 428),
        protected=protected,
        parameters=[precondition],
    )


def _service_paths() -> Node:
    status: Node = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}
    page: Node = {"description": "A page for people", "content": {"text/html": {"schema": {"type": "string"}}}}
    return {
        f"/{name}": {"get": _operation(operation, summary, {200: answer}, refusals=(), tag="service")}
        for name, operation, summary, answer in (
            ("health", "getHealth", "Tell whether the service runs", _json("It does", status)),
            ("openapi.json", "getDescription", "This document", _json("OpenAPI 3.1", {"type": "object"})),
            ("docs", "getDocumentation", "This document for people, to try out", page),
        )
    }


def _operation(operation_id: str, summary: str, answers: dict[int, Node], **parts: Any) -> Node:
    """One operation; ``parts`` are refusals, protected, parameters, body and tag."""
    protected = parts.get("protected", False)
    statuses = sorted({*parts["refusals"], *_ALWAYS, *((401, 403) if protected else ())})
    operation: Node = {
        "operationId": operation_id,
        "summary": summary,
        "tags": [parts.get("tag", "transactions")],
        "responses": {str(status): answer for status, answer in answers.items()}
        | {str(status): _refusal(status) for status in statuses},
    }
    if parts.get("parameters"):
        operation["parameters"] = parts["parameters"]
    if "body" in parts:
        schema = {"$ref": f"#/components/schemas/{parts['body']}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if protected:
        operation["security"] = [{"caller": []}]
    return operation


def _refusal(status: int) -> Node:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    gateway = {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}}
    if status in (401, 429, 500):
        content = gateway
    elif status in (403, 413, 503):
        content |= gateway
    answer: Node = {"description": _REASONS[status], "content": content}
    if status == 503:
        answer["headers"] = {"retry-after": {"description": "Seconds to wait", "schema": {"type": "string"}}}
    return answer


_ETAG: Node = {"description": "The version, for If-Match", "schema": {"type": "string"}}
_LOCATION: Node = {"description": "The transaction's path", "schema": {"type": "string"}}


def _content(description: str, schema: str, *, headers: Node | None = None) -> Node:
    return _json(description, {"$ref": f"#/components/schemas/{schema}"}) | ({"headers": headers} if headers else {})


def _json(description: str, schema: Node) -> Node:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _if_match(*, required: bool) -> Node:
    tag = r'(W/)?"[!#-~]*"'
    schema = {"type": "string", "pattern": rf"^(\*|{tag}(, {tag}){{0,9}})$", "examples": ['"1"']}
    return _header("If-Match", schema, "The ETag that the caller has seen, or * for any.", required=required)


def _header(name: str, schema: Node, description: str, *, required: bool = False) -> Node:
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": description}


def _query(name: str, schema: Node, description: str) -> Node:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _path(name: str, schema: Node, description: str) -> Node:
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description}
