"""Functions, HTTP APIs and role policies: the properties that MiniStack's handlers drop or misspell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import already_exists, check_answer, complete, refuse_create
from tapgen.local.extension.delivery.roles import SEAMS as ROLE_SEAMS
from tapgen.local.extension.delivery.roles import ServiceRole
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

FUNCTION = "AWS::Lambda::Function"

_FUNCTIONS = Seam(
    module="ministack.services.lambda_svc",
    attribute="_functions",
    parameters=None,
    gap="Reserved concurrency, dead-letter target and key are dropped; missing code and a taken name are accepted.",
)
_VPC_CONFIG = Seam(
    module="ministack.services.lambda_svc",
    attribute="_vpc_config_with_id",
    parameters=("request_config",),
    gap="A template's VpcConfig is dropped.",
)
_APIS = Seam(
    module="ministack.services.apigateway",
    attribute="_apis",
    parameters=None,
    gap="CorsConfiguration is stored in the template's spelling, which the service does not read.",
)
_STAGES = Seam(
    module="ministack.services.apigateway",
    attribute="_stages",
    parameters=None,
    gap="Route settings are stored in the template's spelling, which the service does not read.",
)
_PUT_ROLE_POLICY = Seam(
    module="ministack.services.iam",
    attribute="_put_role_policy",
    parameters=("p",),
    gap="The type AWS::IAM::RolePolicy is missing.",
)
_DELETE_ROLE_POLICY = Seam(
    module="ministack.services.iam",
    attribute="_delete_role_policy",
    parameters=("p",),
    gap="The type AWS::IAM::RolePolicy is missing.",
)

SEAMS: tuple[Seam, ...] = (
    cfn.RESOURCE_HANDLERS,
    _FUNCTIONS,
    _VPC_CONFIG,
    *ROLE_SEAMS,
    _APIS,
    _STAGES,
    _PUT_ROLE_POLICY,
    _DELETE_ROLE_POLICY,
)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Finish the handlers, and add the missing type."""
    complete(FUNCTION, _complete_function)
    refuse_create(FUNCTION, _taken_function)
    refuse_create(FUNCTION, _network_fault)
    complete("AWS::ApiGatewayV2::Api", _complete_api)
    complete("AWS::ApiGatewayV2::Stage", _complete_stage)
    original(cfn.RESOURCE_HANDLERS)["AWS::IAM::RolePolicy"] = {
        "create": _create_role_policy,
        "update": _update_role_policy,
        "delete": _delete_role_policy,
    }


def _complete_function(name: str, props: Properties, old: Properties) -> None:
    function = original(_FUNCTIONS)[name]
    if not old and "S3Key" in props.get("Code", {}) and function["code_zip"] is None:
        del original(_FUNCTIONS)[name]
        raise ValueError(
            'Resource handler returned message: "Error occurred while GetObject. S3 Error Code: NoSuchKey. '
            'S3 Error Message: The specified key does not exist." (HandlerErrorCode: InvalidRequest)'
        )
    reserved = props.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)
    function["config"]["KMSKeyArn"] = props.get("KmsKeyArn", "")
    function["config"]["VpcConfig"] = original(_VPC_CONFIG)(props.get("VpcConfig") or None)
    function["recursive_loop"] = props.get("RecursiveLoop", "Terminate")
    if "DeadLetterConfig" in props:
        function["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]
    else:
        function["config"].pop("DeadLetterConfig", None)


def _taken_function(props: Properties) -> str:
    name = props.get("FunctionName", "")
    return already_exists(FUNCTION, name) if name in original(_FUNCTIONS) else ""


def _network_fault(props: Properties) -> str:
    """Lambda developer guide, "Attaching Lambda functions to a VPC": the role makes the network interfaces."""
    if not (props.get("VpcConfig") or {}).get("SubnetIds"):
        return ""
    role = ServiceRole(arn=str(props.get("Role", "")), service="lambda")
    if role.allows("ec2:CreateNetworkInterface", "*"):
        return ""
    return (
        'Resource handler returned message: "The provided execution role does not have permissions to call '
        'CreateNetworkInterface on EC2 (Service: Lambda, Status Code: 400)" (HandlerErrorCode: InvalidRequest)'
    )


def _complete_api(api_id: str, props: Properties, _: Properties) -> None:
    api = original(_APIS)[api_id]
    api.pop("corsConfiguration", None)
    if props.get("CorsConfiguration"):
        api["corsConfiguration"] = _camel_case(props["CorsConfiguration"])


def _complete_stage(name: str, props: Properties, _: Properties) -> None:
    stage = original(_STAGES)[props["ApiId"]][name]
    stage["defaultRouteSettings"] = _camel_case(props.get("DefaultRouteSettings") or {})
    stage["routeSettings"] = {
        route: _camel_case(settings) for route, settings in (props.get("RouteSettings") or {}).items()
    }


def _create_role_policy(logical_id: str, props: Properties, stack_name: str) -> tuple[str, Properties]:  # noqa: ARG001 - the signature of MiniStack's handlers
    document = json.dumps(props.get("PolicyDocument") or {})
    check_answer(original(_PUT_ROLE_POLICY)({**_role_policy(props), "PolicyDocument": document}))
    return f"{props['RoleName']}|{props['PolicyName']}", {}


def _update_role_policy(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:  # noqa: ARG001 - the signature of MiniStack's handlers
    return _create_role_policy("", new, stack_name)


def _delete_role_policy(physical_id: str, props: Properties) -> None:  # noqa: ARG001 - the signature of MiniStack's handlers
    original(_DELETE_ROLE_POLICY)(_role_policy(props))


def _role_policy(props: Properties) -> Properties:
    return {"RoleName": props.get("RoleName", ""), "PolicyName": props.get("PolicyName", "")}


def _camel_case(properties: Properties) -> Properties:
    """A template's property names in the API's spelling, one level deep; numbers that came as text become numbers."""
    return {key[:1].lower() + key[1:]: _number(value) for key, value in properties.items()}


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdigit() else value
