"""HTTP APIs under ``/apis/{api id}``: a URL that works when it is pasted, without DNS and without a Host header.

MiniStack answers under ``{api id}.execute-api.localhost``, which not every resolver knows, and under a path that needs
a doubled slash for the stage ``$default``. Paths below the new prefix read as they do on AWS's own host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.urls import API_PREFIX

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

    Target = tuple[str, str, str]

_PARSE_URL = Seam(
    module="ministack.app",
    attribute="_parse_execute_api_url",
    parameters=("host", "path"),
    gap="No URL on 127.0.0.1 reaches the stage $default without a doubled slash or a Host header.",
)
_STAGES_FOR_API = Seam(
    module="ministack.services.apigateway",
    attribute="stages_for_api",
    parameters=("api_id",),
    gap="Used: tells a stage's name from the first segment of a path.",
)
_FIND_API = Seam(
    module="ministack.services.apigateway",
    attribute="find_api_scope",
    parameters=("api_id",),
    gap="Finds an API in the account of the request's signature alone, or in the default account when there is none: a "
    "caller with a token, or with nothing, reaches no API of another account. In AWS the host tells the API.",
)
_APIS = Seam(
    module="ministack.services.apigateway",
    attribute="_apis",
    parameters=None,
    gap="Used: the APIs of all accounts and regions.",
)

SEAMS: tuple[Seam, ...] = (_PARSE_URL, _STAGES_FOR_API, _FIND_API, _APIS)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Teach MiniStack's router the prefix."""
    parse = original(_PARSE_URL)

    def parse_with_prefix(host: str, path: str) -> Target | None:
        found: Target | None = _parse(path) or parse(host, path)
        return found

    replace(_PARSE_URL, parse_with_prefix)
    replace(_FIND_API, _find_api)


def _find_api(api_id: str) -> tuple[str, str] | None:
    """Account and region of an API, whoever asks: its id is unique."""
    found = (scope for scope, _ in original(_APIS).all_items())
    return next(((account, region) for account, region, each in found if each == api_id), None)


def _parse(path: str) -> Target | None:
    """API id, stage and path of a URL below the prefix; None for any other, of a bucket named apis for example."""
    if not path.startswith(API_PREFIX):
        return None
    api_id, slash, rest = path.removeprefix(API_PREFIX).partition("/")
    if original(_FIND_API)(api_id) is None:
        return None
    stage, _, below = rest.partition("/")
    if stage in original(_STAGES_FOR_API)(api_id):
        return api_id, stage, f"/{below}"
    return api_id, "$default", f"{slash or '/'}{rest}"
