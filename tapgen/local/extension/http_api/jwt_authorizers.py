"""JWT authorizers of HTTP APIs: every check that API Gateway documents, with one key pair for all issuers.

API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers", "Troubleshooting issues with HTTP API
JWT authorizers": the form of the ``www-authenticate`` header and the text about the audience are from there, the other
texts are [inferred], and so is that a token without ``exp`` is refused. Tokens of Cognito user pools are verified with
MiniStack's own user pools; the tokens of every other issuer come from ``tapgen.local.tokens``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jwt

from tapgen.local import tokens
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt.types import Options

    from tapgen.local.extension.settings import Settings

    Response = tuple[int, dict[str, str], bytes]
    Record = dict[str, Any]

_MODULE = "ministack.services.apigateway"
_VALIDATE = Seam(
    module=_MODULE,
    attribute="_validate_jwt_authorizer",
    parameters=("route", "authorizer", "headers", "query_params"),
    gap="Asks the issuer for its keys over the network, where no issuer of an environment is. Does not look at the "
    "token's algorithm, fails on claims that are no numbers, and does not say in www-authenticate what was wrong.",
)
_TOKEN = Seam(
    module=_MODULE,
    attribute="_extract_token_from_identity_source",
    parameters=("identity_source", "headers", "query_params"),
    gap="Used: the token of a request, without its prefix Bearer.",
)
_KEYS_URL = Seam(
    module=_MODULE, attribute="_resolve_jwks_url", parameters=("authorizer",), gap="Used: a user pool's keys."
)
_FETCH_KEYS = Seam(module=_MODULE, attribute="_fetch_jwks", parameters=("url",), gap="Used: reads a user pool's keys.")
SEAMS: tuple[Seam, ...] = (_VALIDATE, _TOKEN, _KEYS_URL, _FETCH_KEYS)

_ALGORITHMS = ("RS256", "RS384", "RS512")
_CHECKED: Options = {
    "require": ["exp"],
    "verify_aud": False,  # looked at by API Gateway's own rules, and so is the issuer
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_COGNITO = "https://cognito-idp."


class Refused(Exception):  # noqa: N818 - the caller erred, not the authorizer
    """A request that does not get through.

    Attributes:
        response: The answer.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(response[0])
        self.response = response


def install(settings: Settings) -> None:
    """Replace MiniStack's validation."""
    replace(_VALIDATE, _validating(tokens.public_key(settings.state_dir)))


def _validating(own: RSAPublicKey) -> Any:
    async def validate(
        route: Record, authorizer: Record, headers: dict[str, str], query_params: Record
    ) -> tuple[Record | None, list[str] | None, Response | None]:
        token = original(_TOKEN)(authorizer.get("identitySource", []), headers, query_params)
        try:
            claims = _claims(token, await _key(own, authorizer, token), authorizer, route)
            return claims, _scopes(claims, route), None
        except Refused as refused:
            return None, None, refused.response

    return validate


async def _key(own: RSAPublicKey, authorizer: Record, token: str | None) -> Any:
    """The public key that a token must have been signed for; None when there is no such key."""
    try:
        kid = jwt.get_unverified_header(token or "").get("kid")
    except jwt.PyJWTError:
        return None
    if not str(_configuration(authorizer).get("issuer")).startswith(_COGNITO):
        return own if kid == tokens.key_id(own) else None
    found = await original(_FETCH_KEYS)(await original(_KEYS_URL)(authorizer))
    return next((jwt.PyJWK(key).key for key in found.get("keys", []) if key.get("kid") == kid), None)


def _claims(token: str | None, key: Any, authorizer: Record, route: Record) -> Record:
    """The claims of a token that is valid.

    Raises:
        Refused: It is not, or there is none: 401.
    """
    if not token:
        raise Refused(_answer(401, "Unauthorized", "Bearer"))
    try:
        if key is None:
            jwt.decode_complete(token, options={"verify_signature": False})  # says what is wrong with no token at all
            raise _invalid(route, "the token is not signed with a key of the issuer")
        claims: Record = jwt.decode(token, key, algorithms=_ALGORITHMS, options=_CHECKED)
    except jwt.ExpiredSignatureError:
        raise _invalid(route, "the token has expired") from None
    except jwt.ImmatureSignatureError:
        raise _invalid(route, "the token is not valid yet") from None
    except (jwt.PyJWTError, ValueError) as error:
        raise _invalid(route, f"the token is not valid: {error}") from None
    configuration = _configuration(authorizer)
    if claims.get("iss") != configuration.get("issuer"):
        raise _invalid(route, "the token does not have a valid issuer")
    if not _audiences(claims) & set(configuration.get("audience") or ()):
        raise _invalid(route, "the token does not have a valid audience")
    return claims


def _audiences(claims: Record) -> set[str]:
    """``aud``, or ``client_id`` when there is no ``aud``."""
    found = claims["aud"] if claims.get("aud") is not None else claims.get("client_id")
    return set(map(str, found)) if isinstance(found, list) else {str(found)}


def _scopes(claims: Record, route: Record) -> list[str]:
    """The scopes of a token, of which the route wants one.

    Raises:
        Refused: It has none of them: 403.
    """
    found: set[str] = set()
    for name in ("scope", "scp"):
        value = claims.get(name) or ()
        found.update(value.split() if isinstance(value, str) else map(str, value))
    wanted = set(route.get("authorizationScopes") or ())
    if wanted and not wanted & found:
        raise Refused(
            _answer(403, "Forbidden", _challenge(route, "insufficient_scope", "the token has no valid scope"))
        )
    return sorted(found)


def _configuration(authorizer: Record) -> Record:
    found: Record = authorizer.get("jwtConfiguration") or {}
    return {name[:1].lower() + name[1:]: value for name, value in found.items()}


def _invalid(route: Record, description: str) -> Refused:
    return Refused(_answer(401, "Unauthorized", _challenge(route, "invalid_token", description)))


def _challenge(route: Record, error: str, description: str) -> str:
    scope = " ".join(route.get("authorizationScopes") or ())
    return f'Bearer scope="{scope}" error="{error}" error_description="{description.replace(chr(34), chr(39))}"'


def _answer(status: int, message: str, challenge: str) -> Response:
    headers = {"Content-Type": "application/json", "www-authenticate": challenge}
    return status, headers, json.dumps({"message": message}).encode()
