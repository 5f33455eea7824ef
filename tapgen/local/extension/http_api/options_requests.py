"""OPTIONS requests to HTTP APIs without CORS configuration: a method like any other, which routes may match.

API Gateway developer guide, "Configure CORS for HTTP APIs": it answers preflights by itself where CORS is configured.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.apigateway"
_IN_SCOPE = Seam(
    module=_MODULE,
    attribute="_handle_execute_in_scope",
    parameters=("api_id", "stage", "path", "method", "headers", "body", "query_params"),
    gap="answers every OPTIONS request with 403 where CORS is not configured; AWS looks for a route",
)
_MATCH = Seam(
    module=_MODULE,
    attribute="_match_route",
    parameters=("api_id", "method", "path"),
    gap="Used: finds the route under the method's real name.",
)
_INVOKE = Seam(
    module=_MODULE,
    attribute="_invoke_lambda_proxy",
    parameters=("integration", "api_id", "stage", "path", "method"),
    gap="Used: tells the function the method's real name.",
)
_APIS = Seam(module=_MODULE, attribute="_apis", parameters=None, gap="Read only: whether CORS is configured.")
SEAMS = (_IN_SCOPE, _MATCH, _INVOKE, _APIS)

# Methods are case-sensitive, so that no request has this one: it passes by what MiniStack does for OPTIONS.
_ALIAS = "options"


def install(settings: Settings) -> None:
    """Route OPTIONS requests."""
    del settings
    replace(_IN_SCOPE, _renamed(original(_IN_SCOPE)))
    match, invoke = original(_MATCH), original(_INVOKE)

    @functools.wraps(match)
    def match_route(api_id: str, method: str, path: str) -> Any:
        return match(api_id, _real(method), path)

    @functools.wraps(invoke)
    async def invoke_proxy(
        integration: Any, api_id: str, stage: str, path: str, method: str, *rest: Any, **options: Any
    ) -> Any:
        return await invoke(integration, api_id, stage, path, _real(method), *rest, **options)

    replace(_MATCH, match_route)
    replace(_INVOKE, invoke_proxy)


def _renamed(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(handle)
    async def handle_renamed(api_id: str, stage: str, path: str, method: str, *rest: Any, **options: Any) -> Any:
        api = original(_APIS).get(api_id) or {}
        plain = method == "OPTIONS" and not api.get("corsConfiguration")
        return await handle(api_id, stage, path, _ALIAS if plain else method, *rest, **options)

    return handle_renamed


def _real(method: str) -> str:
    return "OPTIONS" if method == _ALIAS else method
