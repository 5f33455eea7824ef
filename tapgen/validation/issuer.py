"""Whether the JWT issuer answers as API Gateway will ask it.

API Gateway reads ``<issuer>/.well-known/openid-configuration`` and the keys that it names (API Gateway developer guide,
"Controlling access to HTTP APIs with JWT authorizers"); OpenID Connect Discovery 1.0, section 4.3, wants the document's
issuer to be exactly the one that was asked. One that does not answer refuses every caller, hours after the deploy.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tapgen.findings import Finding
from tapgen.gates.templates import look_up, resources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.gates.templates import Stacks

    Fetch = Callable[[str], bytes]

_CHECK = "jwt-issuer"
_TIMEOUT_S = 5.0
_MAX_BYTES = 1_000_000


def check_issuers(stacks: Stacks, *, fetch: Fetch | None = None) -> Iterator[Finding]:
    """Ask every issuer that an authorizer of the templates names.

    Args:
        stacks: The release's templates.
        fetch: Reads a URL and raises OSError when it cannot; the network's when left out.
    """
    authorizers = resources_of(stacks, "AWS::ApiGatewayV2::Authorizer")
    issuers = dict.fromkeys(str(look_up(resource, "JwtConfiguration.Issuer")) for _, resource in authorizers)
    for issuer in issuers:
        yield _ask(issuer, fetch or fetch_url)
    if not issuers:
        yield Finding(check=_CHECK, status="passed", what="no route asks for a JWT")


def fetch_url(url: str) -> bytes:
    """The body of what a URL answers.

    Raises:
        OSError: Nobody answers, the certificate is not trusted, or the answer is an error.
    """
    with urlopen(Request(url, headers={"accept": "application/json"}), timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the scheme was checked
        body: bytes = answer.read(_MAX_BYTES)
    return body


def _ask(issuer: str, fetch: Fetch) -> Finding:
    if urlsplit(issuer).scheme != "https":
        return _failed(f"{issuer} is not reached over HTTPS", "API Gateway speaks to HTTPS issuers alone")
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        document = json.loads(fetch(url))
        keys = json.loads(fetch(_keys_url(document)))
    except URLError as error:
        return _failed(f"{url} cannot be read: {error.reason}", "tokens cannot be checked, so every caller is refused")
    except (OSError, ValueError, LookupError, TypeError) as error:
        return _failed(f"{url} is of no use: {error}", "tokens cannot be checked, so every caller is refused")
    if document.get("issuer") != issuer:
        why = "API Gateway compares it with the token's `iss` to the letter, the last slash included"
        return _failed(f"{issuer} calls itself {document.get('issuer')!r}", why)
    count = len(keys.get("keys", ()))
    if not count:
        return _failed(f"{issuer} publishes no keys", "no token's signature can be checked")
    return Finding(check=_CHECK, status="passed", what=f"{issuer} answers, with {count} keys")


def _keys_url(document: Any) -> str:
    url = str(document["jwks_uri"])
    if urlsplit(url).scheme != "https":
        raise ValueError(f"its keys are at {url}, which is not HTTPS")
    return url


def _failed(what: str, why: str) -> Finding:
    fix = "correct api.jwt.issuer in config/environments.yaml, or have the issuer mended"
    return Finding(check=_CHECK, status="failed", what=what, why=why, fix=fix)
