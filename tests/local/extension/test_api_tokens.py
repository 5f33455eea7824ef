"""JWT authorizers of HTTP APIs, with the embedded AWS as the issuer."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tapgen.local.tokens import Claims, key_id, mint, public_key, sign
from tests.local.extension.guarded_api import AUDIENCE, ISSUER, SCOPE, Api, deploy

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import Stacks

GOOD = Claims(issuer=ISSUER, audience=AUDIENCE, subject="ada")


@pytest.fixture(scope="module")
def api(local_aws: LocalStatus, stacks: Stacks) -> Api:
    return deploy(stacks, local_aws)


def test_a_token_of_the_issuer_gets_through(api: Api) -> None:
    """The function gets its claims as text; the prefix Bearer may be missing."""
    token = mint(api.status.state_dir, replace(GOOD, scope="a b"))
    answer = api.with_token("/any", token)
    assert answer.status == 200
    given = answer.body["jwt"]
    assert given["scopes"] == ["a", "b"]
    assert {key: given["claims"][key] for key in ("iss", "aud", "sub", "scope")} == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "scope": "a b",
    }
    assert int(given["claims"]["exp"]) > int(given["claims"]["iat"])
    assert api.get("/any", {"Authorization": token}).status == 200


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        (replace(GOOD, audience="somebody-else"), "the token does not have a valid audience"),
        (replace(GOOD, issuer="https://login.example.com"), "the token does not have a valid issuer"),
        (replace(GOOD, expires_in_s=-1), "the token has expired"),
    ],
)
def test_a_token_for_something_else_is_refused(api: Api, claims: Claims, description: str) -> None:
    """401, and the header says why, in the form that the documentation shows."""
    answer = api.with_token("/any", mint(api.status.state_dir, claims))
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})
    challenge = f'Bearer scope="" error="invalid_token" error_description="{description}"'
    assert answer.headers["www-authenticate"] == challenge


def test_no_token_is_refused(api: Api) -> None:
    """401 without an error, for nothing was invalid."""
    answer = api.get("/any", {})
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"] == "Bearer"


NOW = int(time.time())
CONTENT = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": NOW + 86_400}
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize("algorithm", ["RS256", "none", "HS256"])
def test_only_the_issuers_signature_counts(api: Api, algorithm: str) -> None:
    """Neither another key under the issuer's id, nor no signature, nor the public key taken for a shared secret."""
    own = public_key(api.status.state_dir)
    key: Any = {"RS256": STRANGER, "none": None, "HS256": key_id(own) * 2}[algorithm]
    token = jwt.encode(CONTENT, key, algorithm=algorithm, headers={"kid": key_id(own)})
    assert api.with_token("/any", token).status == 401


def test_an_unknown_key_id_is_refused(api: Api) -> None:
    """Also when the token names no key at all."""
    for headers in ({"kid": "another"}, {}):
        assert api.with_token("/any", jwt.encode(CONTENT, STRANGER, algorithm="RS256", headers=headers)).status == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "a.b", "..", "é"])
def test_what_is_no_token_is_refused(api: Api, token: str) -> None:
    """Nothing that a caller sends makes the API fail."""
    assert api.get("/any", {"Authorization": token}).status == 401


def signed_by_issuer(api: Api, **claims: Any) -> str:
    """A token with these claims; None leaves one out."""
    content = {name: value for name, value in {**CONTENT, **claims}.items() if value is not None}
    return sign(api.status.state_dir, content)


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": NOW + 3600},
        {"iat": NOW + 3600},
        {"exp": "tomorrow"},
        {"exp": None},
        {"aud": None},
        {"aud": "somebody-else", "client_id": AUDIENCE},
        {"iss": None},
        {"exp": NOW - 1},
    ],
)
def test_claims_must_hold(api: Api, claims: dict[str, Any]) -> None:
    """Not yet valid, issued in the future, without an end or an audience; client_id counts only without aud."""
    assert api.with_token("/any", signed_by_issuer(api, **claims)).status == 401


@pytest.mark.parametrize("claims", [{"aud": None, "client_id": AUDIENCE}, {"aud": ["x", AUDIENCE]}, {"nbf": NOW - 1}])
def test_what_documentation_allows_gets_through(api: Api, claims: dict[str, Any]) -> None:
    """client_id instead of aud, one audience of several, and a time that has come."""
    assert api.with_token("/any", signed_by_issuer(api, **claims)).status == 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": f"read {SCOPE}"}, 200),
        ({"scp": [SCOPE]}, 200),
        ({"scope": "read"}, 403),
        ({"scope": f"{SCOPE}s"}, 403),
        ({}, 403),
        ({"scope": SCOPE, "aud": "somebody-else"}, 401),
    ],
)
def test_a_route_may_want_a_scope(api: Api, claims: dict[str, Any], status: int) -> None:
    """A valid token without it is known and not let in: 403; an invalid one stays 401."""
    answer = api.with_token("/admin", signed_by_issuer(api, **claims))
    assert answer.status == status
    if status == 403:
        assert answer.body == {"message": "Forbidden"}
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
