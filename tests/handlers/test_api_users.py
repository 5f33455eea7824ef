"""Users are the subjects of tokens, whatever ASCII they are made of, and tokens say what they may in several forms."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api.identifiers import read_user, write_user
from handlers.archiver.records import is_archived
from handlers.common.items import CURSOR_KEYS, IDEMPOTENCY_PREFIX, is_own_partition, read_partition, write_partition
from tests.handlers.conftest import (
    CREATE,
    DELETE,
    GET,
    LIST,
    REPLACE,
    Caller,
    Direct,
    make_api,
    make_user,
    read_event,
    valid,
)

if TYPE_CHECKING:
    from handlers.api.storage import Table

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
# The four escapes that ``read_user`` reads: an id with one of them in its text cannot be addressed.
_USERS = st.text(_PRINTABLE, min_size=1, max_size=255).filter(
    lambda text: not any(escape in text.upper() for escape in ("%25", "%2E", "%2F", "%3F"))
)
_SUBJECTS = (
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "_underscore",
    "-dash",
    "a+b@example.com",
    "https://login.example.com/users/17?x=1#me",
    "CN=Ada Lovelace, O=Analytical",
    "50%",
    "..",
    ".",
    "x" * 255,
    IDEMPOTENCY_PREFIX + "ada",
    CURSOR_KEYS,
    _PRINTABLE,
)


def _decode_wholly(segment: str) -> str:
    return unquote(segment)


def _decode_but_percent(segment: str) -> str:
    """As MiniStack has seen it: ``%25`` stays."""
    return "%25".join(unquote(part) for part in segment.split("%25"))


_GATEWAYS = (_decode_wholly, _decode_but_percent)


@given(_USERS)
def test_segment_leads_to_its_user(user: str) -> None:
    """One segment of RFC 3986's characters, that no client normalises and both readings of the gateway lead back."""
    segment = write_user(user)

    assert set(segment) <= set(string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@%")
    assert segment not in (".", "..")
    for decode in _GATEWAYS:
        decoded = decode(segment)
        assert "/" not in decoded
        assert "?" not in decoded
        assert read_user(decoded) == user


@given(_USERS)
def test_no_user_has_a_partition_of_the_service(user: str) -> None:
    """The table keeps them apart, and says which user it is."""
    partition = write_partition(user)

    assert not is_own_partition(partition)
    assert read_partition(partition) == user
    record = {"dynamodb": {"Keys": {"userId": {"S": partition}}}}
    assert is_archived(record) is not user.startswith("synthetic:")


@pytest.mark.parametrize("subject", _SUBJECTS)
def test_subject_of_a_token_has_transactions(table: Table, subject: str) -> None:
    """Created, found by its Location, listed, replaced and deleted; nobody else sees it."""
    api = Direct(make_api(table, authorization="JWT"))
    owner = {"requestContext": read_event("http_api_v2")["requestContext"]}
    owner["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": subject}}}
    caller = Caller(api, _decode_but_percent(write_user(subject)))

    status, created, headers = caller.call(CREATE, body=valid(), **_routed(owner, CREATE))
    assert status == 201, created
    assert created["userId"] == subject
    path = {"transactionId": created["transactionId"]}
    location = urlsplit(headers["location"]).path.split("/")
    assert read_user(unquote(location[2])) == subject
    assert location[1::2] + location[4:] == ["users", "transactions", created["transactionId"]]

    assert caller.call(GET, path=path, **_routed(owner, GET))[1] == created
    assert caller.call(REPLACE, path=path, body=valid(), **_routed(owner, REPLACE))[0] == 200
    assert path["transactionId"] in [
        item["transactionId"] for item in caller.call(LIST, **_routed(owner, LIST))[1]["items"]
    ]
    assert Caller(api, make_user()).call(LIST, **_routed(owner, LIST))[0] == 403
    assert caller.call(DELETE, path=path, **_routed(owner, DELETE))[0] == 204


def _routed(owner: dict[str, Any], route: str) -> dict[str, Any]:
    return {"requestContext": owner["requestContext"] | {"routeKey": route}}


def test_pages_of_a_user_with_every_character(table: Table) -> None:
    """Cursors and keys of requests work for any user."""
    caller = Caller(Direct(make_api(table)), _decode_wholly(write_user(_PRINTABLE)))
    key = {"idempotency-key": make_user()}
    first = caller.call(CREATE, body=valid(), headers=key)
    assert caller.call(CREATE, body=valid(), headers=key) == first
    caller.create()

    seen, cursor = set(), None
    while True:
        query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = caller.call(LIST, queryStringParameters=query)[1]
        seen |= {item["transactionId"] for item in page["items"]}
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == 2


@pytest.mark.parametrize("user", ["", "x" * 256, "caf\u00e9", "a\nb", "\x00", "\x7f"])
def test_what_is_no_subject_is_422(table: Table, user: str) -> None:
    """More than 255 characters, others than ASCII, and those that print nothing."""
    status, problem, _ = Caller(Direct(make_api(table)), user).call(LIST)

    assert (status, problem["errors"][0]["path"]) == (422, "userId")


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": "read transactions:admin"}, 200),
        ({"scope": "[read transactions:admin]"}, 200),
        ({"scope": "[transactions:admin]"}, 200),
        ({"scope": ["read", "transactions:admin"]}, 200),
        ({"scope": '["read", "transactions:admin"]'}, 200),
        ({"scp": "transactions:admin read"}, 200),
        ({"scp": "[transactions:admin read]"}, 200),
        ({"scp": ["transactions:admin"]}, 200),
        ({"scope": "read", "scp": "[transactions:admin]"}, 200),
        ({"scope": "transactions:administrator"}, 403),
        ({"scope": "[xtransactions:admin]"}, 403),
        ({"scope": "transactions:admin,read"}, 403),
        ({"scope": [["transactions:admin"], 1, None]}, 403),
        ({"scope": "[]", "scp": ""}, 403),
        ({"scope": None, "scp": {"transactions:admin": True}}, 403),
        ({"scopes": "transactions:admin"}, 403),
        ({"roles": "[transactions:admin]"}, 403),
    ],
    ids=json.dumps,
)
def test_forms_of_a_scope_mean_the_same(table: Table, claims: dict[str, Any], status: int) -> None:
    """Text, an array, an array that API Gateway made text of, under either name; nothing that only looks like it."""
    event = read_event("http_api_v2") | {"routeKey": LIST, "pathParameters": {"userId": "ada"}}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": "ops", **claims}}}

    assert make_api(table, authorization="JWT").handle(event)["statusCode"] == status
