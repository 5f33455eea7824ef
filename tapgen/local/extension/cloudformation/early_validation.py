"""CloudFormation's own look at a change set before anything is provisioned: names that are taken, and other checks.

AWS fails a change set that would create something whose name is taken or that sets properties which cannot be, and says
which with DescribeEvents; MiniStack finds out when it provisions. AWS documentation: "Validate stack deployments"; API
reference, DescribeEvents. What is looked at besides names joins ``CHECKS``.
"""

from __future__ import annotations

import functools
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import nested_changes
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.answers import element, refusal
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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


@dataclass(frozen=True, kw_only=True)
class Validation:
    """A kind of check.

    Attributes:
        name: In the events.
        hook: In the reason of a change set that failed.
    """

    name: str
    hook: str


NAMES = Validation(name="NAME_CONFLICT_VALIDATION", hook="AWS::EarlyValidation::ResourceExistenceCheck")
PROPERTIES = Validation(name="PROPERTY_VALIDATION", hook="AWS::EarlyValidation::PropertyValidation")


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One thing that a check found.

    Attributes:
        validation: The check.
        logical_id: The resource.
        resource_type: Its type.
        reason: What is wrong.
        path: Where in the template.
        physical_id: What is in the way.
    """

    validation: Validation
    logical_id: str
    resource_type: str
    reason: str
    path: str
    physical_id: str = ""


_FAILED = (
    "The following hook(s)/validation failed: [{hooks}]. To troubleshoot Early Validation errors, use the "
    "DescribeEvents API for detailed failure information."
)
_OBJECTIONS = "_tapgen_objections"
_NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"'


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Validate each change set that is made, and answer what was found."""
    actions = original(cfn.ACTIONS)
    create = actions["CreateChangeSet"]
    actions["CreateChangeSet"] = functools.wraps(create)(_validating(create))
    actions["DescribeEvents"] = functools.wraps(actions["DescribeEvents"])(_describing(actions["DescribeEvents"]))


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
    hooks: set[str] = set()
    for change_set in (root, *nested_changes.descendants(root["ChangeSetId"])):
        found = [objection for check in CHECKS for objection in check(change_set)]
        change_set[_OBJECTIONS] = [_event(change_set, objection) for objection in found]
        hooks |= {objection.validation.hook for objection in found}
    if hooks:
        reason = _FAILED.format(hooks=", ".join(sorted(hooks)))
        root.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)


def _find_taken(change_set: dict[str, Any]) -> Iterator[Objection]:
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
            yield Objection(
                validation=NAMES,
                logical_id=logical_id,
                resource_type=resource_type,
                reason=f"Resource of type '{resource_type}' with identifier '{name}' already exists",
                path=f"/Resources/{logical_id}",
                physical_id=name,
            )


CHECKS: list[Callable[[dict[str, Any]], Iterable[Objection]]] = [_find_taken]
"""What looks at a change set that has just been made; each says what it found."""


def _describing(describe: Callable[[Parameters], Answer]) -> Callable[[Parameters], Answer]:
    """DescribeEvents: what was found wrong with a change set; MiniStack knows what was with a stack."""

    def handle(params: Parameters) -> Answer:
        wanted = _first(params, "ChangeSetName")
        if not wanted:
            return describe(params)
        for change_set in original(cfn.CHANGE_SETS).values():
            if wanted in {change_set["ChangeSetId"], change_set["ChangeSetName"]}:
                events = change_set.get(_OBJECTIONS, [])
                result = element("DescribeEventsResult", {"OperationEvents": events})
                body = f"<DescribeEventsResponse {_NAMESPACE}>{result}</DescribeEventsResponse>"
                return 200, {"Content-Type": "application/xml"}, body.encode()
        return refusal(f"ChangeSet [{wanted}] does not exist", code="ChangeSetNotFound")

    return handle


def _event(change_set: dict[str, Any], objection: Objection) -> dict[str, str]:
    named = change_set["ChangeSetId"] + objection.path + objection.reason
    return {
        "EventId": str(uuid.uuid5(uuid.NAMESPACE_URL, named)),
        "StackId": change_set["StackId"],
        "OperationType": "CREATE_CHANGESET",
        "EventType": "VALIDATION_ERROR",
        "Timestamp": change_set["CreationTime"],
        "LogicalResourceId": objection.logical_id,
        "PhysicalResourceId": objection.physical_id,
        "ResourceType": objection.resource_type,
        "ValidationFailureMode": "FAIL",
        "ValidationName": objection.validation.name,
        "ValidationPath": objection.path,
        "ValidationStatus": "FAILED",
        "ValidationStatusReason": objection.reason,
    }


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
