"""Which paths of API Gateway an operation's HTTP verbs are authorised on.

Source: API Gateway developer guide, "Control access to HTTP APIs with IAM", and the Service Authorization Reference,
"Amazon API Gateway Management V2": a path for each resource, one for each kind of them, and ``/tags`` for tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tapgen.local.extension.cloudformation.acting.needs import data

if TYPE_CHECKING:
    from tapgen.local.extension.cloudformation.acting.operations import Operation
    from tapgen.local.extension.cloudformation.acting.place import Place

_COLLECTIONS = {
    "AWS::ApiGatewayV2::Api": "/apis",
    "AWS::ApiGatewayV2::ApiMapping": "/domainnames/{DomainName}/apimappings",
    "AWS::ApiGatewayV2::Authorizer": "/apis/{ApiId}/authorizers",
    "AWS::ApiGatewayV2::DomainName": "/domainnames",
    "AWS::ApiGatewayV2::Integration": "/apis/{ApiId}/integrations",
    "AWS::ApiGatewayV2::Route": "/apis/{ApiId}/routes",
    "AWS::ApiGatewayV2::Stage": "/apis/{ApiId}/stages",
}
_NAMED = ("StageName", "DomainName")
"""Properties that a path ends with; everything else has an id that AWS makes up."""
_OF_TAGS = frozenset({"DELETE", "PATCH", "POST", "PUT"})


def paths_of(operation: Operation, verb: str, place: Place) -> list[str]:
    """The paths; none where the type is not API Gateway's V2."""
    pattern = _COLLECTIONS.get(operation.resource_type)
    if pattern is None:
        return []
    collection = pattern.format_map(_Known(operation.properties))
    item = f"{collection}/{_name(operation)}"
    if operation.handler == "create":
        return _of_create(operation, verb, collection=collection, item=item, place=place)
    if operation.verb == "update" and verb in _OF_TAGS and _tagged(operation, verb):
        return [item, _tags(item, place)]
    return [item]


def _of_create(operation: Operation, verb: str, *, collection: str, item: str, place: Place) -> list[str]:
    if verb == "PUT":
        imported = [collection] if operation.has("Body", "BodyS3Location") else []
        return [*imported, *([_tags(item, place)] if _tagged(operation, verb) else [])]
    return [collection if verb == "POST" else item]


def _tagged(operation: Operation, verb: str) -> bool:
    row = data()["types"][operation.resource_type]
    return f"apigateway:{verb}" in row.get("tagging", ()) and operation.touches(row["tags"])


def _tags(item: str, place: Place) -> str:
    arn = f"arn:{place.partition}:apigateway:{place.region}::{item}"
    return f"/tags/{quote(arn, safe='')}"


def _name(operation: Operation) -> str:
    named = (operation.properties.get(name) for name in _NAMED if operation.kind in name)
    return next((str(name) for name in named if name), "") or operation.physical_id.rpartition("/")[2] or "new"


class _Known(dict[str, str]):
    """Properties by name; what is missing stands for itself."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
