"""What CloudFormation found wrong with a change set before anything was provisioned.

AWS documentation: "Validate stack deployments"; API reference, DescribeEvents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.session import Aws


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One validation that did not pass."""

    name: str
    """``NAME_CONFLICT_VALIDATION``, ``PROPERTY_VALIDATION`` …"""
    logical_id: str
    reason: str
    path: str
    """In the template."""
    blocking: bool
    """Whether the change set cannot be executed."""
    stack: str = ""
    """Logical id of the nested stack that it is about; empty for the root."""
    resource_type: str = ""
    physical_id: str = ""
    """What is in the way, where the validation says so."""


def read_objections(aws: Aws, change_set_id: str) -> tuple[Objection, ...]:
    """Every validation of a change set that did not pass, of its nested ones too.

    Raises:
        AwsError: The events may not be read, or the service does not know them.
    """
    return tuple(_objections(aws, change_set_id, stack=""))


def _objections(aws: Aws, change_set_id: str, *, stack: str) -> Iterator[Objection]:
    # The stubs of the oldest boto3 that tapgen takes do not know the operation.
    client: Any = aws.client("cloudformation")
    with translated("read the validations of the change set"):
        for page in client.get_paginator("describe_events").paginate(ChangeSetName=change_set_id):
            for event in page["OperationEvents"]:
                if event.get("EventType") == "VALIDATION_ERROR":
                    yield Objection(
                        name=event.get("ValidationName", ""),
                        logical_id=event.get("LogicalResourceId", ""),
                        reason=event.get("ValidationStatusReason", ""),
                        path=event.get("ValidationPath", ""),
                        blocking=event.get("ValidationFailureMode", "FAIL") == "FAIL",
                        stack=stack,
                        resource_type=event.get("ResourceType", ""),
                        physical_id=event.get("PhysicalResourceId", ""),
                    )
        changes = client.describe_change_set(ChangeSetName=change_set_id).get("Changes", ())
    for change in changes:
        nested = change["ResourceChange"].get("ChangeSetId")
        if nested:
            yield from _objections(aws, nested, stack=change["ResourceChange"]["LogicalResourceId"])
