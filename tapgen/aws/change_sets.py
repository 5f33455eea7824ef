"""Single calls on change sets: create, look at, describe with all nested ones, execute, delete."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated
from tapgen.errors import AwsError
from tapgen.model import Change, ChangeDetail, ChangeSet, StackState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetInputTypeDef,
        DescribeChangeSetOutputTypeDef,
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )

Kind = Literal["CREATE", "UPDATE"]

# CloudFormation's words for "nothing to do" (CreateChangeSet of an unchanged template, and UpdateStack's wording, which
# change sets with a transform use).
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, kw_only=True)
class ChangeSetRequest:
    """What CreateChangeSet needs; nested change sets and the capabilities are always on."""

    stack: str
    name: str
    kind: Kind
    template_url: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    role_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeSetStatus:
    """Where a change set is: ``CREATE_PENDING`` … ``CREATE_COMPLETE`` or ``FAILED``."""

    status: str
    reason: str
    execution_status: str = ""
    """``AVAILABLE`` where it can be executed."""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """It can be executed."""
        return self.status == "CREATE_COMPLETE"

    @property
    def failed(self) -> bool:
        """It could not be made."""
        return self.status == "FAILED"

    @property
    def empty(self) -> bool:
        """It could not be made because there is nothing to do."""
        return self.failed and any(words in self.reason for words in _NO_CHANGES)


@dataclass(frozen=True, kw_only=True)
class ListedChangeSet:
    """A change set as ListChangeSets names it."""

    change_set_id: str
    name: str
    status: str
    execution_status: str
    """``AVAILABLE``, ``UNAVAILABLE``, ``OBSOLETE``, or ``EXECUTE_…``: ``IN_PROGRESS``, ``COMPLETE``, ``FAILED``."""
    created_at: datetime

    @property
    def pending(self) -> bool:
        """Made, or being made, and never executed."""
        return not self.execution_status.startswith("EXECUTE")


def list_change_sets(client: CloudFormationClient, stack: str) -> tuple[ListedChangeSet, ...]:
    """The change sets of a stack, those of its nested stacks not included."""
    with translated(f"list the change sets of {stack}"):
        return tuple(
            ListedChangeSet(
                change_set_id=item["ChangeSetId"],
                name=item["ChangeSetName"],
                status=item.get("Status", ""),
                execution_status=item.get("ExecutionStatus", ""),
                created_at=item["CreationTime"],
            )
            for page in client.get_paginator("list_change_sets").paginate(StackName=stack)
            for item in page["Summaries"]
        )


def create_change_set(client: CloudFormationClient, request: ChangeSetRequest) -> str:
    """Start a change set with its nested ones; answers its id (ARN).

    Its name is the caller's alone: one that is there already was made by this very call, whose answer was lost.
    """
    arguments: CreateChangeSetInputTypeDef = {
        "StackName": request.stack,
        "ChangeSetName": request.name,
        "ChangeSetType": request.kind,
        "TemplateURL": request.template_url,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in request.parameters.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in request.tags.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "IncludeNestedStacks": True,
        "ClientToken": request.name,
    }
    if request.role_arn:
        arguments["RoleARN"] = request.role_arn
    with translated(f"create a change set for {request.stack}"):
        try:
            return client.create_change_set(**arguments)["Id"]
        except ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise
            return client.describe_change_set(StackName=request.stack, ChangeSetName=request.name)["ChangeSetId"]


def create_reverting_change_set(client: CloudFormationClient, stack: StackState, *, name: str) -> str:
    """Start a change set that brings a stack's resources back to its template, which stays; answers its id.

    Nested stacks are not followed: how the two go together is not documented (CreateChangeSet, API reference).
    """
    with translated(f"create a drift-reverting change set for {stack.name}"):
        return client.create_change_set(
            StackName=stack.stack_id,
            ChangeSetName=name,
            ChangeSetType="UPDATE",
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": key, "UsePreviousValue": True} for key in stack.parameters],
            Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            DeploymentMode="REVERT_DRIFT",
            ClientToken=name,
        )["Id"]


def get_change_set_status(client: CloudFormationClient, change_set_id: str) -> ChangeSetStatus:
    """The status of the root change set (one call)."""
    with translated("describe the change set"):
        answer = client.describe_change_set(ChangeSetName=change_set_id)
    return ChangeSetStatus(
        status=answer["Status"],
        reason=answer.get("StatusReason", ""),
        execution_status=answer.get("ExecutionStatus", ""),
        parameters={item["ParameterKey"]: item.get("ParameterValue", "") for item in answer.get("Parameters", ())},
    )


def describe_change_set(client: CloudFormationClient, change_set_id: str, *, kind: Kind) -> ChangeSet:
    """The change set with the changes of every nested one, read in parallel."""
    with ThreadPoolExecutor(max_workers=8, thread_name_prefix="change-set") as pool:
        root = _describe(client, change_set_id)
        nested = {
            change_set: pool.submit(_describe_tree, client, change_set)
            for change_set in (item["ResourceChange"].get("ChangeSetId") for item in root["Changes"])
            if change_set
        }
        children = {change_set: future.result() for change_set, future in nested.items()}
    return ChangeSet(
        change_set_id=change_set_id,
        stack_id=root["StackId"],
        kind=kind,
        created_at=root["CreationTime"],
        changes=tuple(
            _change(item["ResourceChange"], children.get(item["ResourceChange"].get("ChangeSetId", ""), ()))
            for item in root["Changes"]
        ),
    )


def execute_change_set(client: CloudFormationClient, change_set: ChangeSet) -> None:
    """Start executing; a failed first create takes its resources with it, those marked Retain too.

    For who holds the deployment's lock: an execution that runs already was begun by this very call, whose answer was
    lost.
    """
    change_set_id = change_set.change_set_id
    token = change_set_id.rpartition("/")[2]
    with translated("execute the change set"):
        try:
            if change_set.kind == "CREATE":
                client.execute_change_set(
                    ChangeSetName=change_set_id, RetainExceptOnCreate=True, ClientRequestToken=token
                )
            else:
                # The API reference calls DisableRollback's default True, its behaviour is False: say it.
                client.execute_change_set(ChangeSetName=change_set_id, DisableRollback=False, ClientRequestToken=token)
        except ClientError as error:
            if error_code(error) != "InvalidChangeSetStatus" or not _is_executed(client, change_set_id):
                raise


def _is_executed(client: CloudFormationClient, change_set_id: str) -> bool:
    answer = client.describe_change_set(ChangeSetName=change_set_id)
    return answer.get("ExecutionStatus", "").startswith("EXECUTE_")


def delete_change_set(client: CloudFormationClient, change_set_id: str) -> None:
    """Delete the root change set and with it the nested ones."""
    with translated("delete the change set"):
        client.delete_change_set(ChangeSetName=change_set_id)


def _describe(client: CloudFormationClient, change_set_id: str) -> DescribeChangeSetOutputTypeDef:
    """All pages of one change set, folded into the first."""
    with translated("describe the change set"):
        first = client.describe_change_set(ChangeSetName=change_set_id)
        token = first.get("NextToken")
        while token:
            page = client.describe_change_set(ChangeSetName=change_set_id, NextToken=token)
            first["Changes"].extend(page["Changes"])
            token = page.get("NextToken")
    return first


def _describe_tree(client: CloudFormationClient, change_set_id: str) -> tuple[Change, ...]:
    answer = _describe(client, change_set_id)
    status = ChangeSetStatus(status=answer["Status"], reason=answer.get("StatusReason", ""))
    if status.failed and not status.empty:
        raise AwsError(
            f"the nested change set of {answer['StackName']} failed",
            why=status.reason,
            hint="correct what CloudFormation names above and rerun",
            code="nested-change-set-failed",
        )
    changes = (item["ResourceChange"] for item in answer.get("Changes", ()))
    return tuple(
        _change(change, _describe_tree(client, change["ChangeSetId"]) if change.get("ChangeSetId") else ())
        for change in changes
    )


def _change(change: ResourceChangeTypeDef, children: tuple[Change, ...]) -> Change:
    return Change(
        action=change["Action"],
        logical_id=change["LogicalResourceId"],
        resource_type=change["ResourceType"],
        physical_id=change.get("PhysicalResourceId", ""),
        replacement=change.get("Replacement", ""),
        reasons=tuple(dict.fromkeys(_reason(detail) for detail in change.get("Details", ()))),
        details=tuple(map(_detail, change.get("Details", ()))),
        change_set_id=change.get("ChangeSetId", ""),
        children=children,
    )


def _detail(detail: ResourceChangeDetailTypeDef) -> ChangeDetail:
    target = detail.get("Target", {})
    return ChangeDetail(
        attribute=target.get("Attribute", ""),
        name=target.get("Name", ""),
        requires_recreation=target.get("RequiresRecreation", ""),
        evaluation=detail.get("Evaluation", ""),
        source=detail.get("ChangeSource", ""),
        cause=detail.get("CausingEntity", ""),
    )


def _reason(detail: ResourceChangeDetailTypeDef) -> str:
    target = detail.get("Target", {})
    place = ".".join(part for part in (target.get("Attribute"), target.get("Name")) if part)
    cause = detail.get("CausingEntity") or detail.get("ChangeSource", "")
    return f"{place} ({cause})" if cause else place
