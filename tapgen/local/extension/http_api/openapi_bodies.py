"""HTTP APIs whose routes, integrations and authorizers stand in an OpenAPI document, as AWS SAM writes them.

MiniStack makes an API without a route of them. API Gateway imports the document (API Gateway developer guide, "Working
with OpenAPI definitions for HTTP APIs"; the extensions ``x-amazon-apigateway-integration``, ``-any-method``,
``-authorizer``, ``-cors``). A document in S3 (``BodyS3Location``) is refused, not taken for an empty one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import check_answer, complete, refuse_create
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.local.extension.settings import Settings

    Document = dict[str, Any]

_API = "AWS::ApiGatewayV2::Api"
_MODULE = "ministack.services.apigateway"
_GAP = "The Body of a template's API is dropped."
_APIS = Seam(module=_MODULE, attribute="_apis", parameters=None, gap=_GAP)
_ROUTES = Seam(module=_MODULE, attribute="_routes", parameters=None, gap=_GAP)
_INTEGRATIONS = Seam(module=_MODULE, attribute="_integrations", parameters=None, gap=_GAP)
_AUTHORIZERS = Seam(module=_MODULE, attribute="_authorizers", parameters=None, gap=_GAP)
_CREATE_ROUTE = Seam(module=_MODULE, attribute="_create_route", parameters=("api_id", "data"), gap="called only")
_CREATE_INTEGRATION = Seam(
    module=_MODULE, attribute="_create_integration", parameters=("api_id", "data"), gap="called only"
)
_CREATE_AUTHORIZER = Seam(
    module=_MODULE, attribute="_create_authorizer", parameters=("api_id", "data"), gap="called only"
)
SEAMS: tuple[Seam, ...] = (
    cfn.RESOURCE_HANDLERS,
    *(_APIS, _ROUTES, _INTEGRATIONS, _AUTHORIZERS, _CREATE_ROUTE, _CREATE_INTEGRATION, _CREATE_AUTHORIZER),
)

_PREFIX = "x-amazon-apigateway-"
_INTEGRATION = f"{_PREFIX}integration"
_ANY = f"{_PREFIX}any-method"
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", _ANY})
# AWS's spelling in the document → the one of its API.
_INTEGRATION_MEMBERS = {
    "type": "integrationType",
    "uri": "integrationUri",
    "httpMethod": "integrationMethod",
    "payloadFormatVersion": "payloadFormatVersion",
    "timeoutInMillis": "timeoutInMillis",
    "connectionType": "connectionType",
    "requestParameters": "requestParameters",
    "responseParameters": "responseParameters",
}


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Import the document after each create and update of an API."""
    refuse_create(_API, _unread_place)
    complete(_API, _import_body)


def _unread_place(props: Document) -> str:
    if props.get("BodyS3Location"):
        return "The embedded AWS does not read BodyS3Location; put the document into Body"
    return ""


def _import_body(api_id: str, props: Document, old: Document) -> None:
    body = props.get("Body") or {}
    before = old.get("Body") or {}
    if body == before:
        return
    _remove(api_id, before)
    api = original(_APIS)[api_id]
    if not props.get("Name") and body.get("info", {}).get("title"):
        api["name"] = body["info"]["title"]
    cors = body.get(f"{_PREFIX}cors")
    if cors and not props.get("CorsConfiguration"):
        api["corsConfiguration"] = dict(cors)
    authorizers = dict(_make_authorizers(api_id, body))
    for key, operation in _operations(body):
        _make_route(api_id, key, operation, _security(body, operation, authorizers))


def _operations(body: Document) -> Iterator[tuple[str, Document]]:
    """Route key and operation; ``/$default`` is the route that takes what no other one does."""
    for path, item in (body.get("paths") or {}).items():
        for method, operation in item.items():
            if method in _METHODS:
                name = "ANY" if method == _ANY else method.upper()
                yield ("$default" if path.strip("/") == "$default" else f"{name} {path}"), _resolved(body, operation)


def _resolved(body: Document, operation: Document) -> Document:
    """The operation with an integration that stands under ``components``."""
    integration = operation.get(_INTEGRATION) or {}
    place = str(integration.get("$ref", ""))
    if not place:
        return operation
    named = body.get("components", {}).get(f"{_PREFIX}integrations", {}).get(place.rpartition("/")[2], {})
    return {**operation, _INTEGRATION: named}


def _make_route(api_id: str, key: str, operation: Document, security: Document) -> None:
    integration = operation.get(_INTEGRATION)
    target = {"target": f"integrations/{_make_integration(api_id, integration)}"} if integration else {}
    name = {"operationName": operation["operationId"]} if operation.get("operationId") else {}
    check_answer(original(_CREATE_ROUTE)(api_id, {"routeKey": key, **target, **name, **security}))


def _make_integration(api_id: str, integration: Document) -> str:
    data = {ours: integration[theirs] for theirs, ours in _INTEGRATION_MEMBERS.items() if theirs in integration}
    data["integrationType"] = str(data.get("integrationType", "AWS_PROXY")).upper()
    made = _made(original(_CREATE_INTEGRATION)(api_id, data))
    # Read by the module that asks before each invocation.
    original(_INTEGRATIONS)[api_id][made["integrationId"]]["credentialsArn"] = integration.get("credentials", "")
    return str(made["integrationId"])


def _make_authorizers(api_id: str, body: Document) -> Iterator[tuple[str, Document]]:
    """Name of each security scheme, and what a route says that it guards."""
    for name, scheme in (body.get("components", {}).get("securitySchemes") or {}).items():
        authorizer = scheme.get(f"{_PREFIX}authorizer")
        if scheme.get(f"{_PREFIX}authtype") == "awsSigv4":
            yield name, {"authorizationType": "AWS_IAM"}
        elif authorizer:
            kind = str(authorizer.get("type", "jwt")).upper()
            source = authorizer.get("identitySource", "$request.header.Authorization")
            data = {
                **{key: value for key, value in authorizer.items() if key != "type"},
                "name": name,
                "authorizerType": kind,
                "identitySource": source.split(",") if isinstance(source, str) else source,
            }
            made = _made(original(_CREATE_AUTHORIZER)(api_id, data))
            guards = "JWT" if kind == "JWT" else "CUSTOM"
            yield name, {"authorizationType": guards, "authorizerId": made["authorizerId"]}


def _security(body: Document, operation: Document, authorizers: Mapping[str, Document]) -> Document:
    """The authorizer of an operation, its own or the document's; one that is not declared guards nothing (``NONE``)."""
    for requirement in operation.get("security", body.get("security")) or ():
        for name, scopes in requirement.items():
            if name in authorizers:
                return {**authorizers[name], **({"authorizationScopes": scopes} if scopes else {})}
    return {}


def _made(answer: tuple[int, Any, Any]) -> Document:
    check_answer(answer)
    found: Document = json.loads(answer[2])
    return found


def _remove(api_id: str, body: Document) -> None:
    """Take away what the document before had brought."""
    routes, integrations = original(_ROUTES).get(api_id, {}), original(_INTEGRATIONS).get(api_id, {})
    keys = {key for key, _ in _operations(body)}
    for route_id, route in list(routes.items()):
        if route["routeKey"] in keys:
            integrations.pop(route.get("target", "").removeprefix("integrations/"), None)
            del routes[route_id]
    schemes = body.get("components", {}).get("securitySchemes") or {}
    authorizers = original(_AUTHORIZERS).get(api_id, {})
    for authorizer_id, authorizer in list(authorizers.items()):
        if authorizer["name"] in schemes:
            del authorizers[authorizer_id]
