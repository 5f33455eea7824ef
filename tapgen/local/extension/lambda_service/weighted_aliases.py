"""Aliases that send a share of their invocations to another version, and the rules for such aliases.

Source: Lambda Developer Guide, "Implement Lambda canary deployments using a weighted alias": a simple probabilistic
model, both versions published, at most two of them, with the same execution role and the same dead-letter queue.
"""

from __future__ import annotations

import contextvars
import functools
import random
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.lambda_svc"
_EFFECTIVE = Seam(
    module=_MODULE,
    attribute="_effective_func_record_for_qualifier",
    parameters=("func", "qualifier"),
    gap="an alias always means its FunctionVersion, whatever its RoutingConfig says; so it is for API Gateway, "
    "EventBridge, SNS and every other event source",
)
_INVOKE = Seam(
    module=_MODULE,
    attribute="_invoke",
    parameters=("name", "event", "headers", "path_qualifier", "query_params"),
    gap="the same for Invoke",
)
_EXECUTE = Seam(
    module=_MODULE,
    attribute="_execute_function",
    parameters=("func", "event"),
    gap="tells a function the ARN of its version where it was invoked by an alias and the version was chosen here",
)
_READS = tuple(
    Seam(
        module=_MODULE,
        attribute=name,
        parameters=("name", "qualifier"),
        gap="reads an alias through the same function as invocations do; reading is not weighted",
    )
    for name in ("_get_function", "_get_function_config")
)
_CHANGES = tuple(
    Seam(
        module=_MODULE,
        attribute=name,
        parameters=parameters,
        gap="takes any weight, for a version that need not exist; AWS refuses both",
    )
    for name, parameters in (
        ("_create_alias", ("func_name", "data")),
        ("_update_alias", ("func_name", "alias_name", "data")),
    )
)
SEAMS = (_EFFECTIVE, _INVOKE, _EXECUTE, *_READS, *_CHANGES)

_reading: contextvars.ContextVar[bool] = contextvars.ContextVar("tapgen_reading_function", default=False)
_chosen: contextvars.ContextVar[tuple[str, str, str] | None] = contextvars.ContextVar(
    "tapgen_chosen_version", default=None
)
"""Function, alias and version of the invocation that this context carries out."""


def install(settings: Settings) -> None:
    """Honour the weights of aliases in invocations, and refuse impossible ones."""
    del settings
    draw = random.Random().random  # noqa: S311 - a share of the traffic is no secret
    for seam in _READS:
        replace(seam, _without_weights(original(seam)))
    replace(_EFFECTIVE, _weighted(original(_EFFECTIVE), draw))
    replace(_INVOKE, _weighted_invoke(original(_INVOKE), draw))
    replace(_EXECUTE, _with_invoked_arn(original(_EXECUTE)))
    create, update = _CHANGES
    replace(create, _checked_creation(original(create)))
    replace(update, _checked_update(original(update)))


def choose(alias: dict[str, Any], draw: Callable[[], float]) -> str:
    """The version that an invocation of an alias goes to.

    Args:
        alias: MiniStack's record of the alias.
        draw: Gives a number from 0 to 1, 1 excluded.
    """
    point = draw()
    for version, weight in weights(alias).items():
        if point < weight:
            return version
        point -= weight
    return str(alias.get("FunctionVersion", "$LATEST"))


def weights(alias: dict[str, Any]) -> dict[str, float]:
    """The additional versions of an alias with their shares."""
    found = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {str(version): float(weight) for version, weight in found.items()}


def fault(function: dict[str, Any], version: str, additional: dict[str, float]) -> tuple[str, str, int] | None:
    """Why an alias cannot be: error code, message and HTTP status; None when it can.

    The messages for an unequal role and for more than one version are [inferred].
    """
    for wanted in (version, *additional):
        if wanted != "$LATEST" and wanted not in function["versions"]:
            arn = lambda_svc._func_arn(function["config"]["FunctionName"])  # noqa: SLF001 - a neighbour of the seams
            return "ResourceNotFoundException", f"Function not found: {arn}:{wanted}", 404
    if not additional:
        return None
    message = _routing_fault(function, version, additional)
    code = "ValidationException" if message.startswith("1 validation") else "InvalidParameterValueException"
    return (code, message, 400) if message else None


def _routing_fault(function: dict[str, Any], version: str, additional: dict[str, float]) -> str:
    if any(not 0.0 <= weight <= 1.0 for weight in additional.values()):
        listed = ", ".join(f"{key}={weight}" for key, weight in additional.items())
        return (
            f"1 validation error detected: Value '{{{listed}}}' at 'routingConfig.additionalVersionWeights' failed to "
            "satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
            "Member must have value greater than or equal to 0.0]"
        )
    if len(additional) > 1:
        return "Number of items in AdditionalVersionWeights cannot be greater than 1"
    (other,) = additional
    if "$LATEST" in (version, other):
        return "$LATEST is not supported for an alias pointing to more than 1 version"
    if other == version:
        return (
            f"Invalid function version {other}. Function version {other} is already included in routing configuration."
        )
    first, second = (function["versions"][key]["config"] for key in (version, other))
    for member in ("Role", "DeadLetterConfig"):
        if (first.get(member) or None) != (second.get(member) or None):
            return f"The function versions {version} and {other} must have the same {member}."
    return ""


def invoked_qualifier(config: dict[str, Any]) -> str:
    """The alias or version that an invocation named; empty when it named none.

    Args:
        config: MiniStack's configuration of what is invoked.
    """
    chosen = _chosen.get()
    if chosen is not None and (config.get("FunctionName"), config.get("Version")) == (chosen[0], chosen[2]):
        return chosen[1]
    return (str(config.get("FunctionArn", "")).split(":") + [""] * 8)[7]


def _without_weights(read: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(read)
    def unweighted(*args: Any, **kwargs: Any) -> Any:
        token = _reading.set(True)
        try:
            return read(*args, **kwargs)
        finally:
            _reading.reset(token)

    return unweighted


def _weighted(effective: Callable[..., Any], draw: Callable[[], float]) -> Callable[..., Any]:
    @functools.wraps(effective)
    def weighted(func: dict[str, Any] | None, qualifier: str | None) -> Any:
        alias = ((func or {}).get("aliases") or {}).get(qualifier)
        if func is None or alias is None or _reading.get():
            return effective(func, qualifier)
        record, config = effective(func, choose(alias, draw))
        if record is None or config is None:
            return record, config
        arn = f"{lambda_svc._func_arn(config['FunctionName'])}:{qualifier}"  # noqa: SLF001 - a neighbour of the seams
        config = {**config, "FunctionArn": arn}  # what context.invoked_function_arn says: the ARN that was invoked
        return {**record, "config": config}, config

    return weighted


def _weighted_invoke(invoke: Callable[..., Any], draw: Callable[[], float]) -> Callable[..., Any]:
    @functools.wraps(invoke)
    async def weighted(
        name: str, event: Any, headers: Any, path_qualifier: str | None = None, query_params: Any = None
    ) -> Any:
        given = lambda_svc._qualifier_from_path_or_query(path_qualifier, query_params)  # noqa: SLF001 - a neighbour of the seams
        qualifier = given or headers.get("x-amz-qualifier")
        alias = (lambda_svc._functions.get(name) or {}).get("aliases", {}).get(qualifier)  # noqa: SLF001 - a neighbour of the seams
        if alias is None or not weights(alias):
            return await invoke(name, event, headers, path_qualifier, query_params)
        version = choose(alias, draw)
        token = _chosen.set((name, str(qualifier), version))
        try:
            return await invoke(name, event, headers, version, {})
        finally:
            _chosen.reset(token)

    return weighted


def _with_invoked_arn(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Invoke was told the chosen version; the function and the metrics are told the alias."""

    @functools.wraps(execute)
    def with_alias(func: dict[str, Any], event: Any) -> Any:
        config = func.get("config") or func
        chosen = _chosen.get()
        if chosen is None or (config.get("FunctionName"), config.get("Version")) != (chosen[0], chosen[2]):
            return execute(func, event)
        arn = str(config["FunctionArn"]).split(":")[:7]
        return execute({**func, "config": {**config, "FunctionArn": ":".join([*arn, chosen[1]])}}, event)

    return with_alias


def _checked_creation(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def checked(func_name: str, data: dict[str, Any]) -> Any:
        refusal = _refusal(func_name, data.get("FunctionVersion", "$LATEST"), data)
        return refusal or create(func_name, data)

    return checked


def _checked_update(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def checked(func_name: str, alias_name: str, data: dict[str, Any]) -> Any:
        alias = (lambda_svc._functions.get(func_name) or {}).get("aliases", {}).get(alias_name)  # noqa: SLF001 - a neighbour of the seams
        if alias is None:
            return update(func_name, alias_name, data)
        wanted = {"RoutingConfig": alias.get("RoutingConfig"), **data}
        refusal = _refusal(func_name, data.get("FunctionVersion") or alias["FunctionVersion"], wanted)
        return refusal or update(func_name, alias_name, data)

    return checked


def _refusal(func_name: str, version: Any, data: dict[str, Any]) -> Any:
    function = lambda_svc._functions.get(func_name)  # noqa: SLF001 - a neighbour of the seams
    found = fault(function, str(version), weights(data)) if function else None
    return error_response_json(*found) if found else None
