"""Users with every printable character, over real HTTP: what ``Location`` says leads back to the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handlers.api.identifiers import write_user
from tests.local.api.conftest import valid

if TYPE_CHECKING:
    from tests.local.api.conftest import Service


@pytest.mark.parametrize(
    "user",
    [
        "auth0|5f7c8ec7",
        "_a",
        "-a",
        "a+b@example.com",
        "https://login.example.com/17?x=1#me",
        "a b",
        "50%",
        "..",
        "x" * 255,
    ],
)
def test_location_leads_to_the_transaction(service: Service, user: str) -> None:
    """One request creates it; a client that follows the header, and one that lists the user, find it."""
    created = service.call("POST", f"/users/{write_user(user)}/transactions", valid())
    assert created.status == 201, created.document
    assert created.document["userId"] == user

    found = service.call("GET", created.headers["location"])
    assert (found.status, found.document) == (200, created.document)
    listed = service.call("GET", f"/users/{write_user(user)}/transactions").document["items"]
    assert created.document in listed
