"""Where an HTTP API answers: not at a default endpoint that is turned off, and at a custom domain below its mappings.

MiniStack records ``DisableExecuteApiEndpoint`` and serves the endpoint all the same; it hands what no mapping of a
domain names to S3. Source: API Gateway developer guide, "Disable the default endpoint for an HTTP API", "Mapping API
stages to a custom domain name for HTTP APIs"; the answers are what API Gateway says for what it does not know
[inferred]. The embedded AWS resolves no names: a request reaches a custom domain by its Host header, or below
``/domains/{name}``, a URL that works when it is pasted.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import apigateway, apigateway_v1

from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.urls import DOMAIN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tapgen.local.extension.settings import Settings

_APP = "ministack.app"
_API = "ministack.services.apigateway"
_HANDLE = Seam(
    module=_APP,
    attribute="_handle_execute_api_request",
    parameters=("host", "path", "method", "headers", "body", "query_params"),
    gap="serves a default endpoint that is turned off",
)
_PARSE = Seam(
    module=_APP,
    attribute="_parse_execute_api_url",
    parameters=("host", "path"),
    gap="called only: the API of a default endpoint; None for a custom domain",
)
_RESOLVE = Seam(
    module=_APP,
    attribute="_resolve_custom_domain_request",
    parameters=("host", "path"),
    gap="No URL on 127.0.0.1 reaches a custom domain without a Host header.",
)
_FIRST = Seam(
    module=_APP,
    attribute="_handle_pre_body_request",
    parameters=("method", "path", "headers", "query_params", "request_id"),
    gap="Answers paths of its own, /health among them, whatever the host: so no API has such a route.",
)
_FIND = Seam(
    module="ministack.services.apigateway_v1",
    attribute="find_domain_scope",
    parameters=("domain_name",),
    gap="Finds a domain in the default account alone when nobody signed. In AWS the host tells the API.",
)
SEAMS = (
    _FIRST,
    _FIND,
    _HANDLE,
    _PARSE,
    _RESOLVE,
    Seam(module=_API, attribute="find_api_scope", parameters=("api_id",), gap="called only: account and region"),
    Seam(module=_API, attribute="_apis", parameters=None, gap="read only: whether the endpoint is turned off"),
    Seam(
        module="ministack.services.apigateway_v1",
        attribute="_domain_names",
        parameters=None,
        gap="read only: the custom domains of all accounts",
    ),
)


def install(settings: Settings) -> None:
    """Look before a request is served."""
    del settings
    replace(_FIND, _find_domain)
    replace(_FIRST, _leaving_apis(original(_FIRST)))
    replace(_RESOLVE, _resolving(original(_RESOLVE)))
    replace(_HANDLE, _looking(original(_HANDLE)))


def _find_domain(domain_name: str) -> tuple[str, str, str] | None:
    """Account, region and stored name of a domain, whoever asks: its name is unique in a region."""
    wanted = domain_name.lower()
    for (account, region, stored), _ in apigateway_v1._domain_names.all_items():  # noqa: SLF001 - a seam
        if str(stored).lower() == wanted:
            return account, region, stored
    return None


def _leaving_apis(answer_first: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(answer_first)
    async def answer_unless_api(method: str, path: str, headers: dict[str, str], *rest: Any, **options: Any) -> Any:
        host = headers.get("host", "")
        if is_domain(host) or original(_PARSE)(host, "/") is not None:
            return None
        return await answer_first(method, path, headers, *rest, **options)

    return answer_unless_api


def _resolving(resolve: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    @functools.wraps(resolve)
    def resolve_with_prefix(host: str, path: str) -> Any:
        return resolve(*_below_domain(host, path))

    return resolve_with_prefix


def _below_domain(host: str, path: str) -> tuple[str, str]:
    """Host and path as a client of a custom domain sends them."""
    name, slash, rest = path.removeprefix(DOMAIN_PREFIX).partition("/")
    if path.startswith(DOMAIN_PREFIX) and is_domain(name):
        return name, f"{slash or '/'}{rest}"
    return host, path


def _looking(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(handle)
    async def look_and_handle(host: str, path: str, *rest: Any, **options: Any) -> Any:
        parsed = original(_PARSE)(host, path)
        if parsed is not None and _is_off(parsed[0]):
            return _says(404, "Not Found")
        if parsed is None and is_domain(_below_domain(host, path)[0]) and original(_RESOLVE)(host, path) is None:
            return _says(403, "Forbidden")
        return await handle(host, path, *rest, **options)

    return look_and_handle


def _says(status: int, message: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode()


def is_domain(host: str) -> bool:
    """Whether a host, with or without port, is the custom domain of an API of any account."""
    name = host.partition(":")[0].lower()
    return any(str(key[-1]).lower() == name for key, _ in apigateway_v1._domain_names.all_items())  # noqa: SLF001 - a seam


def _is_off(api_id: str) -> bool:
    scope = apigateway.find_api_scope(api_id)
    if scope is None:
        return False
    with request_scope(*scope):
        api = apigateway._apis.get(api_id) or {}  # noqa: SLF001 - a seam
    return str(api.get("disableExecuteApiEndpoint", False)).lower() == "true"
