"""Each route may invoke its function's live alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, mapping
from tapgen.naming import STAGE
from tapgen.parts.function.rules.aliases import invokes, live_aliases
from tapgen.parts.http_api.rules.routes import found_routes, wanted_routes

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

_HERE = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"


def _find(templates: Templates) -> Found:
    aliases, routes = live_aliases(templates), found_routes(templates)
    by_source: dict[str, list[Resource]] = {}
    for permission in templates.of_type("AWS::Lambda::Permission"):
        by_source.setdefault(as_text(permission.get("SourceArn")), []).append(permission)
    for function, route in wanted_routes(templates):
        alias, item = aliases.get(function.name), routes.get(route.key)
        if alias is None or item is None:
            continue
        api = mapping(item.get("ApiId")).get("Ref")
        source = f"{_HERE}${{{api}}}/{STAGE}/{route.source}"
        if not any(_allows(templates, permission, alias) for permission in by_source.get(source, ())):
            yield item, f"may not invoke {alias.logical_id}: no permission names {source}"


def _allows(templates: Templates, permission: Resource, alias: Resource) -> bool:
    return bool(
        permission.get("Principal") == "apigateway.amazonaws.com"
        and permission.get("Action") == "lambda:InvokeFunction"
        and invokes(templates, permission, "FunctionName", alias=alias)
    )


RULE = Rule(
    id="api-permissions",
    holds="Each route may invoke the live alias of its function, by a permission that names the route.",
    why="Without it every call of the route is answered with 500.",
    source='API Gateway developer guide, "Work with AWS Lambda proxy integrations for HTTP APIs"',
    find=_find,
)
