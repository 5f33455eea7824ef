"""Reading several parameters: authorised on each of them, or on the path.

MiniStack authorises GetParameters and GetParametersByPath on everything, so that a policy that names parameters, as it
should, refuses them. Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems
Manager": both have the parameter as their resource.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, get_account_id, get_region

from tapgen.local.extension.delivery import callers
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_EXTRACT = Seam(
    module="ministack.core.iam_actions",
    attribute="extract_resource_arn",
    parameters=("service", "method", "path", "headers", "body"),
    gap="answers * for requests that name several parameters or a path",
)
_GET = Seam(
    module="ministack.services.ssm",
    attribute="_get_parameters",
    parameters=("data",),
    gap="authorised once, whatever it names",
)
SEAMS = (_EXTRACT, _GET, *callers.SEAMS)

_ACTION = "ssm:GetParameters"


def install(settings: Settings) -> None:
    """Name the resources, and ask for each of several."""
    del settings
    replace(_EXTRACT, _named(original(_EXTRACT)))
    replace(_GET, _each_asked(original(_GET)))


def _named(extract: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(extract)
    def extract_named(*arguments: Any) -> Any:
        found = extract(*arguments)
        if arguments[0] != "ssm" or found != "*":
            return found
        try:
            request = json.loads(arguments[4] or b"{}")
        except ValueError:
            return found
        names = [request.get("Path"), *(request.get("Names") or ())] if isinstance(request, dict) else []
        first = next((name for name in names if isinstance(name, str) and name), "")
        return _arn(first) if first else found

    return extract_named


def _each_asked(get: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(get)
    def ask_and_get(data: dict[str, Any]) -> Any:
        for name in data.get("Names") or ():
            if not callers.may(_ACTION, _arn(str(name))):
                text = (
                    f"User: {callers.arn()} is not authorized to perform: {_ACTION} on resource: {_arn(str(name))} "
                    f"because no identity-based policy allows the {_ACTION} action"
                )
                return error_response_json("AccessDeniedException", text, 400)
        return get(data)

    return ask_and_get


def _arn(name: str) -> str:
    bare = name.partition(":")[0] if not name.startswith("arn:") else name.partition(":parameter/")[2]
    return f"arn:aws:ssm:{get_region()}:{get_account_id()}:parameter/{bare.lstrip('/')}"
