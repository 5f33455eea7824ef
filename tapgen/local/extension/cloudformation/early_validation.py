"""CloudFormation's own look at a change set before anything is provisioned, as far as names go.

AWS fails a change set that would create something whose name is taken, and says which with DescribeEvents; MiniStack
finds out when it provisions. Property syntax, which AWS validates too, is left to MiniStack's provisioning.
AWS documentation: "Validate stack deployments"; API reference, DescribeEvents.
"""

from __future__ import annotations

import functools
import re
import uuid
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import nested_changes
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import element, refusal
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.local.extension.cloudformation.answers import Answer
    from tapgen.local.extension.settings import Settings

    Parameters = dict[str, Any]

_SERVICES = "ministack.services"
_GAP = "Used: the names that are taken."


def _store(module: str, attribute: str) -> Seam:
    return Seam(module=f"{_SERVICES}.{module}", attribute=attribute, parameters=None, gap=_GAP)


_STORES: Mapping[str, tuple[str, Seam]] = {
    "AWS::DynamoDB::Table": ("TableName", _store("dynamodb", "_tables")),
    "AWS::IAM::Role": ("RoleName", _store("iam", "_roles")),
    "AWS::Lambda::Function": ("FunctionName", _store("lambda_svc", "_functions")),
    "AWS::Logs::LogGroup": ("LogGroupName", _store("cloudwatch_logs", "_log_groups")),
    "AWS::S3::Bucket": ("BucketName", _store("s3", "_buckets")),
    "AWS::SQS::Queue": ("QueueName", _store("sqs", "_queue_name_to_url")),
}
SEAMS: tuple[Seam, ...] = (cfn.ACTIONS, *nested_changes.SEAMS, *(seam for _, seam in _STORES.values()))

_CHECK = "AWS::EarlyValidation::ResourceExistenceCheck"
_FAILED = (
    f"The following hook(s)/validation failed: [{_CHECK}]. To troubleshoot Early Validation errors, use the "
    "DescribeEvents API for detailed failure information."
)
_OBJECTIONS = "_tapgen_objections"
_NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"'


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Validate each change set that is made, and answer what was found."""
    actions = original(cfn.ACTIONS)
    create = actions["CreateChangeSet"]
    actions["CreateChangeSet"] = functools.wraps(create)(_validating(create))
    actions["DescribeEvents"] = _describe_events


def _validating(create: Callable[[Parameters], Answer]) -> Callable[[Parameters], Answer]:
    def handle(params: Parameters) -> Answer:
        answer = create(params)
        found = re.search("<Id>([^<]*)</Id>", answer[2].decode()) if answer[0] == 200 else None
        change_set = original(cfn.CHANGE_SETS).get(found.group(1)) if found else None
        if change_set and change_set["Status"] == "CREATE_COMPLETE" and change_set["ChangeSetType"] != "IMPORT":
            _validate(change_set)
        return answer

    return handle


def _validate(root: dict[str, Any]) -> None:
    """Look at the root's change set and at those below it; the root fails for any of them."""
    failed = False
    for change_set in (root, *nested_changes.descendants(root["ChangeSetId"])):
        change_set[_OBJECTIONS] = list(_find_taken(change_set))
        failed = failed or bool(change_set[_OBJECTIONS])
    if failed:
        root.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=_FAILED)


def _find_taken(change_set: dict[str, Any]) -> Iterator[dict[str, str]]:
    added = {
        change["ResourceChange"]["LogicalResourceId"]
        for change in change_set["Changes"]
        if change["ResourceChange"]["Action"] == "Add"
    }
    if not added:
        return
    resolved = nested_changes.resolve_template(change_set)
    for logical_id in sorted(added & resolved.keys()):
        resource_type = resolved[logical_id].get("Type", "")
        if resource_type not in _STORES:
            continue
        name_property, seam = _STORES[resource_type]
        name = resolved[logical_id].get("Properties", {}).get(name_property)
        if isinstance(name, str) and name in original(seam):
            yield {
                "LogicalResourceId": logical_id,
                "ResourceType": resource_type,
                "PhysicalResourceId": name,
                "ValidationStatusReason": f"Resource of type '{resource_type}' with identifier '{name}' already exists",
                "ValidationPath": f"/Resources/{logical_id}",
            }


def _describe_events(params: Parameters) -> Answer:
    """The validations of a change set that failed; the events of stacks are DescribeStackEvents' here."""
    wanted = _first(params, "ChangeSetName")
    for change_set in original(cfn.CHANGE_SETS).values():
        if wanted in {change_set["ChangeSetId"], change_set["ChangeSetName"]}:
            events = [_event(change_set, objection) for objection in change_set.get(_OBJECTIONS, ())]
            result = element("DescribeEventsResult", {"OperationEvents": events})
            body = f"<DescribeEventsResponse {_NAMESPACE}>{result}</DescribeEventsResponse>"
            return 200, {"Content-Type": "application/xml"}, body.encode()
    return refusal(f"ChangeSet [{wanted}] does not exist", code="ChangeSetNotFound")


def _event(change_set: dict[str, Any], objection: dict[str, str]) -> dict[str, str]:
    return {
        "EventId": str(uuid.uuid5(uuid.NAMESPACE_URL, change_set["ChangeSetId"] + objection["LogicalResourceId"])),
        "StackId": change_set["StackId"],
        "OperationType": "CREATE_CHANGESET",
        "EventType": "VALIDATION_ERROR",
        "Timestamp": change_set["CreationTime"],
        **objection,
        "ValidationFailureMode": "FAIL",
        "ValidationName": "NAME_CONFLICT_VALIDATION",
        "ValidationStatus": "FAILED",
    }


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
