"""What breaks callers is found, what does not is let through."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from handlers.api.openapi import build_document
from scripts.contract.__main__ import write_text
from scripts.contract.compatibility import find_breaking_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[dict[str, Any]], object]

DOCS = Path(__file__).parents[3] / "docs" / "transactions"
LIST, ONE = "/users/{userId}/transactions", "/users/{userId}/transactions/{transactionId}"


def _changed(change: Change) -> list[str]:
    before = build_document()
    after = copy.deepcopy(before)
    change(after)
    return find_breaking_changes(before, after)


def _schema(document: dict[str, Any], name: str) -> Any:
    return document["components"]["schemas"][name]


def _parameter(document: dict[str, Any], name: str) -> Any:
    return next(item for item in document["paths"][LIST]["get"]["parameters"] if item["name"] == name)


BREAKING: dict[str, tuple[Change, str]] = {
    "path": (lambda d: d["paths"].pop(ONE), f"{ONE}: is gone"),
    "method": (lambda d: d["paths"][ONE].pop("delete"), f"DELETE {ONE}: is gone"),
    "parameter": (lambda d: d["paths"][LIST]["get"]["parameters"].pop(0), f"GET {LIST}: query limit is gone"),
    "parameter required": (
        lambda d: _parameter(d, "status").update(required=True),
        f"GET {LIST}: query status is required",
    ),
    "parameter narrower": (
        lambda d: _parameter(d, "limit")["schema"].update(maximum=50),
        f"GET {LIST}: query limit: some values are refused (maximum)",
    ),
    "choice gone": (
        lambda d: _parameter(d, "status")["schema"].update(enum=["posted"]),
        f"GET {LIST}: query status: 'pending' is refused",
    ),
    "field required": (
        lambda d: _schema(d, "NewTransaction")["required"].append("description"),
        f"POST {LIST}: body.description: a document without it is refused",
    ),
    "field gone": (
        lambda d: _schema(d, "NewTransaction")["properties"].pop("metadata"),
        f"POST {LIST}: body.metadata: is refused",
    ),
    "field shorter": (
        lambda d: _schema(d, "TransactionFields")["properties"].update(description={"type": "string", "maxLength": 9}),
        f"PUT {ONE}: body.description: some values are refused (maxLength)",
    ),
    "body of another kind": (
        lambda d: d["paths"][LIST]["post"]["requestBody"].update(content={}),
        f"POST {LIST}: takes no application/json any more",
    ),
    "money narrower": (
        lambda d: _schema(d, "NewTransaction")["anyOf"].pop(0),
        f"POST {LIST}: body: some values are refused (anyOf 0)",
    ),
    "answered field gone": (
        lambda d: (
            _schema(d, "Transaction")["properties"].pop("version"),
            _schema(d, "Transaction")["required"].remove("version"),
        ),
        f"GET {ONE}: 200.version: a document without it is new",
    ),
    "answered field optional": (
        lambda d: _schema(d, "Transaction")["required"].remove("version"),
        f"GET {ONE}: 200.version: a document without it is new",
    ),
    "answered choice new": (
        lambda d: _schema(d, "Transaction")["properties"].update(status={"type": "string", "enum": ["gone"]}),
        f"GET {ONE}: 200.status: 'gone' is new",
    ),
    "answered type new": (
        lambda d: _schema(d, "Transaction")["properties"].update(version={"type": "string"}),
        f"GET {ONE}: 200.version: string is new",
    ),
    "answered header gone": (
        lambda d: d["paths"][ONE]["get"]["responses"]["200"].pop("headers"),
        f"GET {ONE}: 200 has no etag any more",
    ),
    "answer gone": (
        lambda d: d["paths"][ONE]["delete"]["responses"].pop("204"),
        f"DELETE {ONE}: never answers 204 any more",
    ),
    "answer of another kind": (
        lambda d: d["paths"][ONE]["get"]["responses"]["404"].update(content={}),
        f"GET {ONE}: 404 is not application/problem+json any more",
    ),
    "unknown keyword": (
        lambda d: _parameter(d, "limit")["schema"].update(multipleOf=5),
        f"GET {LIST}: query limit: some values are refused (multipleOf)",
    ),
    "credentials": (
        lambda d: d["paths"][ONE]["get"].update(security=[{"caller": []}]),
        f"GET {ONE}: asks for other credentials",
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_breaking_change_is_found(name: str) -> None:
    """Each kind of breakage is named with its place."""
    change, message = BREAKING[name]

    assert message in _changed(change)


HARMLESS: dict[str, Change] = {
    "nothing": lambda _: None,
    "new path": lambda d: d["paths"].update({"/new": {"get": {"responses": {}}}}),
    "new method": lambda d: d["paths"][ONE].update(patch={"responses": {}}),
    "new parameter": lambda d: d["paths"][LIST]["get"]["parameters"].append(
        {"name": "currency", "in": "query", "schema": {"type": "string"}}
    ),
    "parameter wider": lambda d: _parameter(d, "limit")["schema"].update(maximum=500),
    "new field": lambda d: _schema(d, "NewTransaction")["properties"].update(note={"type": "string"}),
    "field longer": lambda d: _schema(d, "NewTransaction")["properties"].update(
        description={"type": "string", "maxLength": 999}
    ),
    "new choice": lambda d: _schema(d, "NewTransaction")["properties"].update(
        type={"type": "string", "enum": ["debit", "credit", "fee"]}
    ),
    "field optional": lambda d: _schema(d, "NewTransaction")["required"].remove("type"),
    "answered choice gone": lambda d: _schema(d, "Transaction")["properties"].update(
        status={"type": "string", "enum": ["posted"]}
    ),
    "new answered field": lambda d: _schema(d, "Transaction")["properties"].update(colour={"type": "string"}),
    "words": lambda d: _schema(d, "Transaction").update(description="Other words."),
    "refusal": lambda d: d["paths"][ONE]["get"]["responses"].update({"418": {"description": "a teapot"}}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_change_passes(name: str) -> None:
    """Taking more and answering less surprising things breaks nobody."""
    assert _changed(HARMLESS[name]) == []


def test_demanding_a_precondition_breaks_callers() -> None:
    """What an environment may demand is no harmless difference between releases."""
    broken = find_breaking_changes(build_document(), build_document(require_if_match=True))

    assert broken == [f"{method} {ONE}: header If-Match is required" for method in ("DELETE", "PUT")]


def test_committed_document_is_the_codes() -> None:
    """docs/transactions/openapi.json is what the code describes."""
    assert (DOCS / "openapi.json").read_text(encoding="utf-8") == write_text()


def test_last_release_is_kept() -> None:
    """Who was served by the last release is served by this one, or the first number of the version has moved."""
    released = json.loads((DOCS / "openapi-released.json").read_text(encoding="utf-8"))
    current = build_document()
    first, now = (int(document["info"]["version"].partition(".")[0]) for document in (released, current))

    assert find_breaking_changes(released, current) == [] or now == first + 1
