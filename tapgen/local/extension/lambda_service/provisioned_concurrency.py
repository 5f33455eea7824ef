"""Provisioned concurrency: what Lambda refuses of it, first of all together with a weighted alias.

MiniStack takes everything. Source: Lambda Developer Guide, "Configuring provisioned concurrency for a function" (a
published version or an alias of one, within the reserved concurrency of the function); API reference,
PutProvisionedConcurrencyConfig. Lambda's own text for aliases: "Alias with weights can not be used with Provisioned
Concurrency". The other texts are [inferred]. Environments are not started ahead: the number is recorded.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from tapgen.local.extension.lambda_service.weighted_aliases import weights
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

    Record = dict[str, Any]

_LAMBDA = "ministack.services.lambda_svc"
_PUT = Seam(
    module=_LAMBDA,
    attribute="_put_provisioned_concurrency",
    parameters=("func_name", "qualifier", "data"),
    gap="takes any number, for $LATEST and for weighted aliases too",
)
_CHANGES = tuple(
    Seam(module=_LAMBDA, attribute=name, parameters=parameters, gap="gives weights to an alias with provisioned ones")
    for name, parameters in (("_update_alias", ("func_name", "alias_name", "data")),)
)
SEAMS = (
    _PUT,
    *_CHANGES,
    Seam(module=_LAMBDA, attribute="_functions", parameters=None, gap="read only: the functions of this account"),
)

WEIGHTED = "Alias with weights can not be used with Provisioned Concurrency"
_LATEST = "$LATEST"


def install(settings: Settings) -> None:
    """Refuse what Lambda refuses."""
    del settings
    replace(_PUT, _checked_put(original(_PUT)))
    (update,) = _CHANGES
    replace(update, _checked_update(original(update)))


def fault(function: Record, qualifier: str, wanted: int) -> str:
    """Why a number of environments cannot be provisioned; empty when it can.

    Args:
        function: MiniStack's record of the function.
        qualifier: The alias or version.
        wanted: How many.
    """
    alias = (function.get("aliases") or {}).get(qualifier)
    version = alias.get("FunctionVersion", _LATEST) if alias else qualifier or _LATEST
    if version == _LATEST:
        return "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    if alias and weights(alias):
        return WEIGHTED
    if wanted < 1:
        return f"ProvisionedConcurrentExecutions {wanted} is less than 1"
    reserved = function.get("concurrency")
    others = sum(
        int(each["RequestedProvisionedConcurrentExecutions"])
        for name, each in (function.get("provisioned_concurrency") or {}).items()
        if name != qualifier
    )
    if reserved is not None and wanted + others > int(reserved):
        return (
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for "
            f"function: {wanted + others} > {reserved}"
        )
    return ""


def _checked_put(put: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(put)
    def checked(func_name: str, qualifier: str, data: Mapping[str, Any]) -> Any:
        function = lambda_svc._functions.get(func_name)  # noqa: SLF001 - a seam
        if function is None:
            return put(func_name, qualifier, data)
        reason = fault(function, qualifier, int(data.get("ProvisionedConcurrentExecutions", 0)))
        return _refusal(reason) if reason else put(func_name, qualifier, data)

    return checked


def _checked_update(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def checked(func_name: str, alias_name: str, data: Record) -> Any:
        function = lambda_svc._functions.get(func_name) or {}  # noqa: SLF001 - a seam
        provisioned = (function.get("provisioned_concurrency") or {}).get(alias_name)
        if provisioned and weights(data):
            return _refusal(WEIGHTED)
        return update(func_name, alias_name, data)

    return checked


def _refusal(reason: str) -> Any:
    return error_response_json("InvalidParameterValueException", reason, 400)
