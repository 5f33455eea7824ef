"""What Lambda refuses of a function; weighted aliases and provisioned concurrency are refused by the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.services import lambda_svc

from tapgen.local.extension.cloudformation.service_rules.rule import Rule, number
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.cloudformation.service_rules.rule import Asked

SEAMS = (
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_functions",
        parameters=None,
        gap="read only: the functions of this account",
    ),
)

_FUNCTION = "AWS::Lambda::Function"
_LONGEST_S = 900
_LARGEST_ENVIRONMENT_B = 4096
_ACCOUNT_CONCURRENCY = 1000
_LEAST_UNRESERVED = 100
_RESERVED_KEYS = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)


def _timeout(asked: Asked) -> str:
    wanted = number(asked.properties.get("Timeout"))
    if wanted <= _LONGEST_S or asked.properties.get("CapacityProviderConfig"):
        return ""
    return (
        f"1 validation error detected: Value '{wanted:g}' at 'timeout' failed to satisfy constraint: Member must have "
        f"value less than or equal to {_LONGEST_S}"
    )


def _environment(asked: Asked) -> str:
    variables = (asked.properties.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(_RESERVED_KEYS & variables.keys())
    if reserved:
        return (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
            f"this request: {', '.join(reserved)}"
        )
    if sum(len(f"{key}{value}".encode()) for key, value in variables.items()) > _LARGEST_ENVIRONMENT_B:
        return (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided exceeded the 4KB limit."
        )
    return ""


def _concurrency(asked: Asked) -> str:
    wanted = asked.properties.get("ReservedConcurrentExecutions")
    if wanted is None:
        return ""
    own = asked.physical_id or str(asked.properties.get("FunctionName", ""))
    others = sum(
        number(function.get("concurrency"))
        for name, function in lambda_svc._functions.items()  # noqa: SLF001 - a seam
        if name != own
    )
    if number(wanted) and number(wanted) + others > _ACCOUNT_CONCURRENCY - _LEAST_UNRESERVED:
        return (
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{_LEAST_UNRESERVED}]."
        )
    return ""


RULES = (
    Rule(
        name="lambda-timeout",
        resource_type=_FUNCTION,
        source="Lambda API reference, CreateFunction, Timeout",
        find=_timeout,
    ),
    Rule(
        name="lambda-environment",
        resource_type=_FUNCTION,
        source='Lambda developer guide, "Working with Lambda environment variables" and "Lambda quotas"',
        find=_environment,
    ),
    Rule(
        name="lambda-unreserved-concurrency",
        resource_type=_FUNCTION,
        source='Lambda developer guide, "Configuring reserved concurrency for a function": 100 of 1000 stay unreserved',
        find=_concurrency,
    ),
)
