"""Reserved concurrency of a function, which all its versions share; MiniStack holds it against $LATEST alone.

Source: Lambda Developer Guide, "Configuring reserved concurrency for a function"; 0 throttles every invocation.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.lambda_svc"
_RESERVED = Seam(
    module=_MODULE,
    attribute="_reserved_concurrency",
    parameters=("func", "config"),
    gap="asks the record of the version that is executed, which has none of its own",
)
SEAMS = (
    _RESERVED,
    Seam(module=_MODULE, attribute="_functions", parameters=None, gap="read only: the functions of this account"),
)


def install(settings: Settings) -> None:
    """Ask the function."""
    del settings
    replace(_RESERVED, _of_function(original(_RESERVED)))


def _of_function(reserved: Callable[..., int | None]) -> Callable[..., int | None]:
    @functools.wraps(reserved)
    def of_function(func: dict[str, Any], config: dict[str, Any]) -> int | None:
        function = lambda_svc._functions.get(config.get("FunctionName")) or {}  # noqa: SLF001 - a seam
        shared = reserved(function, {})
        return reserved(func, config) if shared is None else shared

    return of_function
