"""Functions answer requests in the form that they expect, and within the time that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.function.rules.aliases import invokes, live_aliases

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

# API Gateway quotas for HTTP APIs: maximum integration timeout.
_MOST_MS = 30_000


def _find(templates: Templates) -> Found:
    aliases = live_aliases(templates)
    for integration in templates.generated("AWS::ApiGatewayV2::Integration"):
        yield from _judge_form(templates, integration)
        for name, alias in aliases.items():
            if invokes(templates, integration, "IntegrationUri", alias=alias):
                timeout_ms = min(templates.environment.functions[name].timeout_s * 1000, _MOST_MS)
                yield from differences(integration, {"TimeoutInMillis": timeout_ms})


def _judge_form(templates: Templates, integration: Resource) -> Found:
    wanted = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "ConnectionType": None}
    yield from differences(integration, wanted)
    api = templates.trace(integration.stack, integration.get("ApiId"))
    if api is None or api.resource.type != "AWS::ApiGatewayV2::Api":
        yield integration, "belongs to no API of these templates"


RULE = Rule(
    id="api-integrations",
    holds="A function gets requests in payload format 2.0, and API Gateway waits for it as long as its own timeout "
    "lets it run.",
    why="In another format the function does not find path and method; a shorter wait answers 503 for a request "
    "that succeeds.",
    source='API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"',
    find=_find,
)
