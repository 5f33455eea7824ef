"""Event source mappings, made and changed by requests and by templates alike, with the rules of ``mapping_rules``.

MiniStack's type AWS::Lambda::EventSourceMapping makes its records by itself: it takes a function that does not exist,
keeps the old alias when another one is named, and drops tags, metrics and what a template no longer says. Source:
CloudFormation template reference, AWS::Lambda::EventSourceMapping.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import check_answer
from tapgen.local.extension.event_sources import mapping_rules
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

MAPPING = "AWS::Lambda::EventSourceMapping"
_LAMBDA = "ministack.services.lambda_svc"
_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_CREATE = Seam(module=_LAMBDA, attribute="_create_esm", parameters=("data",), gap="refuses next to nothing")
_UPDATE = Seam(module=_LAMBDA, attribute="_update_esm", parameters=("esm_id", "data"), gap="refuses next to nothing")
_RESOLVE = Seam(
    module=_LAMBDA,
    attribute="_resolve_existing_esm_function",
    parameters=("function_ref",),
    gap="called only: the function and the alias of a mapping",
)
_TYPE_CREATE = Seam(
    module=_PROVISIONERS,
    attribute="_lambda_esm_create",
    parameters=("logical_id", "props", "stack_name"),
    gap="makes a mapping by itself, for a function that need not exist",
)
_ATTRIBUTES = Seam(
    module=_PROVISIONERS, attribute="_lambda_esm_attrs", parameters=("esm_id",), gap="called only: Ref and GetAtt"
)
SEAMS = (*mapping_rules.SEAMS, _CREATE, _UPDATE, _RESOLVE, _TYPE_CREATE, _ATTRIBUTES, cfn.RESOURCE_HANDLERS)

_REPLACING = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")
_RECORDED = ("MetricsConfig", "KmsKeyArn", "TumblingWindowInSeconds", "ProvisionedPollerConfig", "LoggingConfig")
"""What a mapping has and nothing here acts on."""

_DEFAULTS: Properties = {
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
    "MaximumRetryAttempts": -1,
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": False,
    "ParallelizationFactor": 1,
    "DestinationConfig": {},
    "FilterCriteria": {},
    "ScalingConfig": {},
    "Enabled": True,
}
"""What a property goes back to when a template no longer has it."""


def install(settings: Settings) -> None:
    """Check requests, and let the type go the same way."""
    del settings
    replace(_CREATE, _checked_create(original(_CREATE)))
    replace(_UPDATE, _checked_update(original(_UPDATE)))
    replace(_TYPE_CREATE, _create)
    handlers = original(cfn.RESOURCE_HANDLERS)[MAPPING]
    handlers["create"] = _create
    handlers["update"] = _update(handlers["update"])


def _checked_create(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def checked(data: Properties) -> Any:
        name, qualifier, refusal = original(_RESOLVE)(data.get("FunctionName", ""))
        refused = refusal or _refused(mapping_rules.fault(data, name, qualifier or ""))
        if refused:
            return refused
        answer = create(data)
        if answer[0] < 400:
            made = lambda_svc._esms[json.loads(answer[2])["UUID"]]  # noqa: SLF001 - a seam
            made.update({key: data[key] for key in _RECORDED if key in data})
        return answer

    return checked


def _checked_update(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def checked(esm_id: str, data: Properties) -> Any:
        mapping = lambda_svc._esms.get(esm_id)  # noqa: SLF001 - a seam
        if mapping is None:
            return update(esm_id, data)
        reference = data.get("FunctionName") or mapping["FunctionArn"]
        name, qualifier, refusal = original(_RESOLVE)(reference)
        wanted = {**mapping, **data}
        refused = refusal or _refused(mapping_rules.fault(wanted, name, qualifier or "", known=esm_id))
        if refused:
            return refused
        answer = update(esm_id, data)
        mapping.update({key: data[key] for key in _RECORDED if key in data})
        return answer

    return checked


def _refused(refusal: mapping_rules.Refusal | None) -> Any:
    return error_response_json(*refusal) if refusal else None


def _create(logical_id: str, props: Properties, stack_name: str) -> tuple[str, Properties]:  # noqa: ARG001 - the signature of MiniStack's handlers
    answer = lambda_svc._create_esm(_typed(props))  # noqa: SLF001 - a seam
    check_answer(answer)
    identifier = str(json.loads(answer[2])["UUID"])
    return identifier, original(_ATTRIBUTES)(identifier)


def _update(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def update_in_place(physical_id: str, old_props: Properties, new_props: Properties, stack_name: str) -> Any:
        replaced = any(old_props.get(key) != new_props.get(key) for key in _REPLACING)
        if replaced or physical_id not in lambda_svc._esms:  # noqa: SLF001 - a seam
            return update(physical_id, old_props, new_props, stack_name)
        dropped = {key: value for key, value in _DEFAULTS.items() if key in old_props and key not in new_props}
        check_answer(lambda_svc._update_esm(physical_id, {**dropped, **_typed(new_props)}))  # noqa: SLF001 - a seam
        lambda_svc._esms[physical_id]["Tags"] = _tags(new_props)  # noqa: SLF001 - a seam
        return physical_id, original(_ATTRIBUTES)(physical_id)

    return update_in_place


def _typed(props: Properties) -> Properties:
    """A template's properties as the API takes them: numbers and booleans that came as text, tags as a map."""
    data = {key: value for key, value in props.items() if key != "Tags"}
    for key, default in _DEFAULTS.items():
        if isinstance(data.get(key), str):
            data[key] = data[key].lower() == "true" if isinstance(default, bool) else int(data[key])
    scaling = data.get("ScalingConfig") or {}
    if isinstance(scaling.get("MaximumConcurrency"), str):
        data["ScalingConfig"] = {**scaling, "MaximumConcurrency": int(scaling["MaximumConcurrency"])}
    return {**data, "Tags": _tags(props)}


def _tags(props: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in props.get("Tags") or ()}
