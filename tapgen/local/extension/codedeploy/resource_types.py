"""AWS::CodeDeploy::Application, DeploymentGroup and DeploymentConfig.

Source: CloudFormation's resource reference. ``Ref`` returns the name; a name that the template leaves out is made by
CloudFormation.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.codedeploy import arns
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.codedeploy.service import CodeDeploy
    from tapgen.local.extension.codedeploy.state import Record

_MODULE = "ministack.services.cloudformation.provisioners"
_GAP = "does not know the types of AWS::CodeDeploy"
SEAMS = (
    cfn.RESOURCE_HANDLERS,
    Seam(module=_MODULE, attribute="_STACK_TAG_PROPERTY", parameters=None, gap=_GAP),
    Seam(module=_MODULE, attribute="_CUSTOM_NAME_REPLACEMENT", parameters=None, gap=_GAP),
    Seam(
        module=_MODULE,
        attribute="_physical_name",
        parameters=("stack_name", "logical_id", "lowercase", "max_len"),
        gap="called only: the name of a resource that the template does not name",
    ),
)

APPLICATION = "AWS::CodeDeploy::Application"
GROUP = "AWS::CodeDeploy::DeploymentGroup"
CONFIG = "AWS::CodeDeploy::DeploymentConfig"
_BOOLEANS = ("enabled", "ignorePollAlarmFailure")


def install(service: CodeDeploy) -> None:
    """Teach CloudFormation the three types."""
    types = ResourceTypes(service)
    provisioners._RESOURCE_HANDLERS.update(  # noqa: SLF001 - a seam
        {
            APPLICATION: {
                "create": types.create_application,
                "update": types.update_application,
                "delete": types.delete_application,
            },
            GROUP: {"create": types.create_group, "update": types.update_group, "delete": types.delete_group},
            CONFIG: {"create": types.create_config, "update": types.update_config, "delete": types.delete_config},
        }
    )
    provisioners._STACK_TAG_PROPERTY.update({APPLICATION: ("Tags", "list"), GROUP: ("Tags", "list")})  # noqa: SLF001 - a seam
    provisioners._CUSTOM_NAME_REPLACEMENT[CONFIG] = {  # noqa: SLF001 - a seam
        "name": "DeploymentConfigName",
        "requires_replacement": lambda old, new: old != new,
    }


class ResourceTypes:
    """The handlers of the three types.

    Args:
        service: The CodeDeploy that holds what they describe.
    """

    def __init__(self, service: CodeDeploy) -> None:
        self._service = service

    def create_application(self, logical_id: str, props: Record, stack_name: str) -> tuple[str, Record]:
        """Create an application."""
        name = props.get("ApplicationName") or _name(stack_name, logical_id)
        request = {"applicationName": name, "computePlatform": props.get("ComputePlatform"), "tags": props.get("Tags")}
        _call(self._service.applications.create_application, request)
        return name, {}

    def update_application(self, physical_id: str, old: Record, new: Record, stack_name: str) -> tuple[str, Record]:
        """Update its tags, the only property that does not replace it."""
        del old, stack_name
        self._tag(arns.application(physical_id), new)
        return physical_id, {}

    def delete_application(self, physical_id: str, props: Record) -> None:
        """Delete an application."""
        del props
        _call(self._service.applications.delete_application, {"applicationName": physical_id})

    def create_group(self, logical_id: str, props: Record, stack_name: str) -> tuple[str, Record]:
        """Create a deployment group."""
        name = props.get("DeploymentGroupName") or _name(stack_name, logical_id)
        request = api_members(props) | {"deploymentGroupName": name, "tags": props.get("Tags")}
        _call(self._service.groups.create_deployment_group, request)
        return name, {}

    def update_group(self, physical_id: str, old: Record, new: Record, stack_name: str) -> tuple[str, Record]:
        """Update a deployment group.

        A property that the new template no longer has keeps its value in the group, as in AWS: removing
        AlarmConfiguration does not remove the alarms.
        """
        del old, stack_name
        request = api_members(new) | {"currentDeploymentGroupName": physical_id}
        _call(self._service.groups.update_deployment_group, request)
        self._tag(arns.group(new["ApplicationName"], physical_id), new)
        return physical_id, {}

    def delete_group(self, physical_id: str, props: Record) -> None:
        """Delete a deployment group."""
        request = {"applicationName": props.get("ApplicationName"), "deploymentGroupName": physical_id}
        _call(self._service.groups.delete_deployment_group, request)

    def create_config(self, logical_id: str, props: Record, stack_name: str) -> tuple[str, Record]:
        """Create a deployment configuration."""
        name = props.get("DeploymentConfigName") or _name(stack_name, logical_id)
        request = api_members(props) | {"deploymentConfigName": name}
        _call(self._service.groups.create_deployment_config, request)
        return name, {}

    def update_config(self, physical_id: str, old: Record, new: Record, stack_name: str) -> tuple[str, Record]:
        """Nothing: every property replaces it."""
        del old, new, stack_name
        return physical_id, {}

    def delete_config(self, physical_id: str, props: Record) -> None:
        """Delete a deployment configuration."""
        del props
        _call(self._service.groups.delete_deployment_config, {"deploymentConfigName": physical_id})

    def _tag(self, arn: str, props: Record) -> None:
        tags = {tag["Key"]: tag.get("Value", "") for tag in props.get("Tags") or []}
        self._service.store.tags[arn] = tags


def api_members(props: Record) -> Record:
    """Properties in the API's shape: member names in lower camel case, booleans that templates may write as text."""
    return {_camel(key): _member(_camel(key), value) for key, value in props.items() if key != "Tags"}


def failure(error: CodeDeployError) -> ValueError:
    """A refusal of CodeDeploy in the words of a CloudFormation event; the wrapping is [inferred] from other types."""
    handler_code = "AlreadyExists" if error.code.endswith("AlreadyExistsException") else "InvalidRequest"
    request_id, token = uuid.uuid4(), uuid.uuid4()
    return ValueError(
        f'Resource handler returned message: "{error} (Service: CodeDeploy, Status Code: 400, '
        f'Request ID: {request_id})" (RequestToken: {token}, HandlerErrorCode: {handler_code})'
    )


def _call(operation: Callable[[Record], Record], request: Record) -> None:
    try:
        operation({key: value for key, value in request.items() if value is not None})
    except CodeDeployError as error:
        raise failure(error) from error


def _name(stack_name: str, logical_id: str) -> str:
    return str(provisioners._physical_name(stack_name, logical_id, max_len=100))  # noqa: SLF001 - a seam


def _camel(key: str) -> str:
    return key[:1].lower() + key[1:]


def _member(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel(key): _member(_camel(key), member) for key, member in value.items()}
    if isinstance(value, list):
        return [_member("", member) for member in value]
    if name in _BOOLEANS and isinstance(value, str):
        return value.lower() == "true"
    return value
