"""Tokens are checked as it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    jwt = templates.environment.api.jwt
    for authorizer in templates.generated("AWS::ApiGatewayV2::Authorizer"):
        wanted = {
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration.Issuer": jwt.issuer if jwt else None,
            "JwtConfiguration.Audience": list(jwt.audiences) if jwt else None,
        }
        yield from differences(authorizer, wanted)
        api = templates.trace(authorizer.stack, authorizer.get("ApiId"))
        if api is None or api.resource.type != "AWS::ApiGatewayV2::Api":
            yield authorizer, "belongs to no API of these templates"


RULE = Rule(
    id="api-authorizer",
    holds="The API takes tokens from the Authorization header, of the issuer and for the audiences that `api.jwt` "
    "names.",
    why="Tokens of another issuer or for another service would be let in, or nobody's.",
    source='API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers"',
    find=_find,
)
