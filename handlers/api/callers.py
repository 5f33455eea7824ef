"""Who a token speaks for, from the claims as API Gateway hands them over. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ADMIN_SCOPE = "transactions:admin"

# OAuth 2.0's own (RFC 8693, section 4.2), and what Microsoft's and Okta's issuers call it.
_SCOPE_CLAIMS = ("scope", "scp")


def owns(claims: Mapping[str, Any], user_id: str) -> bool:
    """True when the token is the user's, or an administrator's."""
    return claims.get("sub") == user_id or ADMIN_SCOPE in read_scopes(claims)


def read_scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """The scopes of a token, whichever claim and form its issuer chose."""
    return frozenset(scope for name in _SCOPE_CLAIMS for scope in _split(claims.get(name)))


def _split(claim: Any) -> list[str]:
    """Scopes in text stand between spaces (RFC 6749, section 3.3).

    An HTTP API makes text of every claim, of an array ``[a b]``; what was text already may be an array in JSON.
    """
    if isinstance(claim, list):
        return [scope for scope in claim if isinstance(scope, str)]
    if not isinstance(claim, str):
        return []
    text = claim.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return text.split()
    try:
        return _split(json.loads(text))
    except ValueError:
        return text[1:-1].split()
