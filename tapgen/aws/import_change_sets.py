"""Change sets of one stack, without its nested ones: imports, and what goes before and after an import.

CloudFormation API reference, CreateChangeSet: an import names each resource with its type, its logical id and its
identifier; it changes neither outputs nor tags nor another resource, and takes no nested stacks along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import CreateChangeSetInputTypeDef


@dataclass(frozen=True, kw_only=True)
class Import:
    """One resource to import."""

    resource_type: str
    logical_id: str
    identifier: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """What is asked of one stack.

    Attributes:
        stack: Name or id.
        name: Of the change set.
        kind: Of the change set.
        template_url: None keeps the template.
        kept_parameters: Parameters that keep their values.
        tags: None keeps them, which is all that an import may do.
        imports: Of a change set of the kind IMPORT.
        role_arn: Service role that CloudFormation assumes.
    """

    stack: str
    name: str
    kind: Literal["CREATE", "UPDATE", "IMPORT"]
    template_url: str | None = None
    kept_parameters: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    imports: tuple[Import, ...] = ()
    role_arn: str | None = None


def create_stack_change(client: CloudFormationClient, change: StackChange) -> str:
    """Start a change set of one stack; answers its id (ARN).

    Its name is the caller's alone: one that is there already was made by this very call, whose answer was lost.
    """
    arguments: CreateChangeSetInputTypeDef = {
        "StackName": change.stack,
        "ChangeSetName": change.name,
        "ChangeSetType": change.kind,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [{"ParameterKey": name, "UsePreviousValue": True} for name in change.kept_parameters],
        "ClientToken": change.name,
    }
    if change.template_url:
        arguments["TemplateURL"] = change.template_url
    else:
        arguments["UsePreviousTemplate"] = True
    if change.tags is not None:
        arguments["Tags"] = [{"Key": key, "Value": value} for key, value in change.tags.items()]
    if change.imports:
        arguments["ResourcesToImport"] = [
            {
                "ResourceType": each.resource_type,
                "LogicalResourceId": each.logical_id,
                "ResourceIdentifier": dict(each.identifier),
            }
            for each in change.imports
        ]
    if change.role_arn:
        arguments["RoleARN"] = change.role_arn
    with translated(f"create a change set for {change.stack}"):
        try:
            return client.create_change_set(**arguments)["Id"]
        except ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise
            return client.describe_change_set(StackName=change.stack, ChangeSetName=change.name)["ChangeSetId"]


def execute_stack_change(client: CloudFormationClient, change_set_id: str) -> None:
    """Start executing; one that runs already was begun by this very call, whose answer was lost."""
    with translated("execute the change set"):
        try:
            client.execute_change_set(ChangeSetName=change_set_id, ClientRequestToken=change_set_id.rpartition("/")[2])
        except ClientError as error:
            if error_code(error) != "InvalidChangeSetStatus":
                raise
            answer = client.describe_change_set(ChangeSetName=change_set_id)
            if not answer.get("ExecutionStatus", "").startswith("EXECUTE_"):
                raise
