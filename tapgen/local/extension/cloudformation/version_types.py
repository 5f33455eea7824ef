"""Versions and aliases of functions in templates: a snapshot is waited for, and impossible aliases are refused.

MiniStack makes an alias of a template without the rules that it has for a request. Source: CloudFormation template
reference, AWS::Lambda::Version and AWS::Lambda::Alias; Lambda Developer Guide, "Activating and managing Lambda
SnapStart": a version is active when its snapshot has been made.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import complete, refuse_create
from tapgen.local.extension.lambda_service import weighted_aliases
from tapgen.local.extension.lambda_service.provisioned_concurrency import WEIGHTED
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

VERSION = "AWS::Lambda::Version"
ALIAS = "AWS::Lambda::Alias"
_FUNCTION = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_lambda_function_for_cfn_ref",
    parameters=("function_ref",),
    gap="called only: the function behind a FunctionName",
)
SEAMS = (
    _FUNCTION,
    cfn.RESOURCE_HANDLERS,
    cfn.ON_WORKER_THREAD,
    Seam(
        module="ministack.services.lambda_svc", attribute="_functions", parameters=None, gap="read only: the functions"
    ),
)

_LONGEST_S = 30.0


def install(settings: Settings) -> None:
    """Finish the handlers."""
    del settings
    complete(VERSION, _await_snapshot)
    refuse_create(ALIAS, _alias_fault)
    replace(cfn.ON_WORKER_THREAD, _versions_too(original(cfn.ON_WORKER_THREAD)))


def _versions_too(blocks: Callable[[str], bool]) -> Callable[[str], bool]:
    """A version waits for code that may call the embedded AWS, which must answer meanwhile."""

    @functools.wraps(blocks)
    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type == VERSION or blocks(resource_type)

    return runs_on_worker_thread


def _await_snapshot(physical_id: str, props: Properties, _: Properties) -> None:
    name, version = physical_id.split(":")[6:8]
    deadline = time.monotonic() + _LONGEST_S
    while time.monotonic() < deadline:
        config = _config(name, version)
        if config.get("State") == "Failed":
            raise ValueError(
                f"Function version {props.get('FunctionName')}:{version} failed: {config.get('StateReason')}"
            )
        if config.get("State") != "Pending":
            return
        time.sleep(0.02)


def _config(name: str, version: str) -> Properties:
    function = lambda_svc._functions.get(name) or {}  # noqa: SLF001 - a seam
    found: Properties = ((function.get("versions") or {}).get(version) or {}).get("config") or {}
    return found


def _alias_fault(props: Properties) -> str:
    function = original(_FUNCTION)(props.get("FunctionName", ""))[0]
    if function is None:
        return f"Function not found: {props.get('FunctionName', '')}"
    listed = (props.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
    additional = {str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in listed}
    found = weighted_aliases.fault(function, str(props.get("FunctionVersion", "$LATEST")), additional)
    if found is not None:
        return found[1]
    return WEIGHTED if additional and props.get("ProvisionedConcurrencyConfig") else ""
