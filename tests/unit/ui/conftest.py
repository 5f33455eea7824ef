"""Operations as sequences of events, and snapshots of how they look."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.events import ChangesPlanned, Noted, Result, StackEvent, StepFinished, StepStarted, UploadProgressed
from tapgen.model import Change, GuardAlarm, Served, Shift

if TYPE_CHECKING:
    from tapgen.events import Event

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "ui"
_NESTED = "AWS::CloudFormation::Stack"
_START = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
NOW = _START + timedelta(minutes=5)

Compare = Callable[[str, str], None]


@pytest.fixture(name="matches_snapshot")
def _matches_snapshot() -> Compare:
    """Compares text with ``tests/snapshots/ui/<name>.txt``; TAPGEN_UPDATE_SNAPSHOTS=1 writes it instead."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if os.environ.get("TAPGEN_UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


def changes() -> tuple[Change, ...]:
    """An update: one nested stack changes and replaces a table, another does not change."""
    return (
        Change(action="Modify", logical_id="Security", resource_type=_NESTED),
        Change(
            action="Modify",
            logical_id="Data",
            resource_type=_NESTED,
            children=(
                Change(
                    action="Modify",
                    logical_id="TransactionsTable",
                    resource_type="AWS::DynamoDB::Table",
                    replacement="True",
                    reasons=("Properties.KeySchema (DirectModification)",),
                ),
            ),
        ),
        Change(
            action="Modify",
            logical_id="Compute",
            resource_type=_NESTED,
            children=(
                Change(action="Add", logical_id="ApiVersion2", resource_type="AWS::Lambda::Version"),
                Change(action="Remove", logical_id="ApiVersion1", resource_type="AWS::Lambda::Version"),
                Change(
                    action="Modify",
                    logical_id="ApiFunction",
                    resource_type="AWS::Lambda::Function",
                    replacement="False",
                    reasons=("Properties.Code (DirectModification)", "Tags (DirectModification)"),
                ),
                Change(
                    action="Modify",
                    logical_id="ApiLiveAlias",
                    resource_type="AWS::Lambda::Alias",
                    replacement="Conditional",
                ),
            ),
        ),
    )


def _stack_arn(name: str) -> str:
    return f"arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/5f1d8c2e"


def event(second: int, stack: str, logical_id: str, status: str, reason: str = "") -> StackEvent:
    """One event as CloudFormation orders and labels it: ``Data`` and ``Compute`` in the root are nested stacks.

    A logical id that starts with ``shop`` is a stack that reports itself, by its name.
    """
    nested = logical_id in {"Security", "Data", "Compute"}
    itself = logical_id.startswith("shop")
    physical_id = f"id-{logical_id}"
    if nested or itself:
        physical_id = _stack_arn(logical_id if itself else f"shop-{logical_id}-1ABC")
    return StackEvent(
        stack=stack,
        logical_id=logical_id,
        resource_type=_NESTED if nested or itself else "AWS::Lambda::Function",
        status=status,
        reason=reason,
        timestamp=_START + timedelta(seconds=second),
        physical_id=physical_id,
    )


def upload() -> list[Event]:
    """Three of eight objects are absent and go to the bucket."""
    sent = ((1, 300_000), (2, 2_000_000), (2, 2_100_000), (3, 3_000_000))
    return [
        StepStarted(step="upload", text="Looking at s3://shop-artifacts"),
        *(
            UploadProgressed(done_bytes=size, total_bytes=3_000_000, done_objects=count, total_objects=3)
            for count, size in sent
        ),
        StepFinished(step="upload", text="Uploaded 3 of 8 objects: compute, root, api", duration_s=1.5),
    ]


def failed_update() -> list[Event]:
    """A deploy whose function fails in a nested stack, with all that follows from it."""
    return [
        StepStarted(step="preflight", text="Reading the stack"),
        StepFinished(step="preflight", text="The stack will be updated", duration_s=0.21),
        *upload(),
        Noted(code="region-differs", level="warning", text="AWS_REGION differs", hint="unset it"),
        StepStarted(step="change-set", text="Creating the change set"),
        StepFinished(step="change-set", text="Change set ready: release-1", duration_s=31.4),
        ChangesPlanned(stack="shop", kind="UPDATE", change_set_id="arn:x", changes=changes()),
        StepStarted(step="execute", text="Executing the change set"),
        event(0, "root", "shop", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(1, "root", "Compute", "UPDATE_IN_PROGRESS"),
        event(1, "root", "Compute", "UPDATE_IN_PROGRESS"),
        event(1, "Compute", "shop-Compute-1ABC", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(2, "Compute", "ApiFunction", "UPDATE_IN_PROGRESS"),
        event(2, "Compute", "ApiVersion2", "CREATE_IN_PROGRESS"),
        event(2, "Compute", "ApiVersion2", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
        event(3, "Compute", "ApiFunction", "UPDATE_FAILED", "Role is not authorized to perform: kms:Decrypt"),
        event(3, "Compute", "ApiVersion2", "CREATE_FAILED", "Resource creation cancelled"),
        event(
            4,
            "Compute",
            "shop-Compute-1ABC",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to update: [ApiFunction].",
        ),
        event(
            4,
            "root",
            "Compute",
            "UPDATE_FAILED",
            f"Embedded stack {_stack_arn('shop-Compute-1ABC')} was not successfully updated.",
        ),
        event(
            4,
            "root",
            "shop",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "The following resource(s) failed to update: [Compute].",
        ),
        event(6, "Compute", "ApiFunction", "UPDATE_COMPLETE"),
        event(9, "root", "shop", "UPDATE_ROLLBACK_COMPLETE"),
        Result(status="failed", operation="deploy", deployment="shop-prod", exit_code=4, error={"code": "x"}),
    ]


def created() -> list[Event]:
    """A first deploy of two nested stacks that works, up to its last step."""
    new = (
        Change(
            action="Add",
            logical_id="Data",
            resource_type=_NESTED,
            children=(
                Change(action="Add", logical_id="TransactionsTable", resource_type="AWS::DynamoDB::Table"),
                Change(action="Add", logical_id="ArchiveBucket", resource_type="AWS::S3::Bucket"),
            ),
        ),
        Change(
            action="Add",
            logical_id="Compute",
            resource_type=_NESTED,
            children=(Change(action="Add", logical_id="ApiFunction", resource_type="AWS::Lambda::Function"),),
        ),
    )
    return [
        ChangesPlanned(stack="shop", kind="CREATE", change_set_id="arn:x", changes=new),
        StepStarted(step="execute", text="Executing the change set"),
        event(0, "root", "shop", "CREATE_IN_PROGRESS", "User Initiated"),
        event(1, "root", "Data", "CREATE_IN_PROGRESS"),
        event(2, "Data", "TransactionsTable", "CREATE_IN_PROGRESS"),
        event(2, "Data", "ArchiveBucket", "CREATE_IN_PROGRESS"),
        event(9, "Data", "TransactionsTable", "CREATE_COMPLETE"),
        event(12, "Data", "ArchiveBucket", "CREATE_COMPLETE"),
        event(13, "root", "Data", "CREATE_COMPLETE"),
        event(14, "root", "Compute", "CREATE_IN_PROGRESS"),
        event(15, "Compute", "ApiFunction", "CREATE_IN_PROGRESS"),
        event(19, "Compute", "ApiFunction", "CREATE_COMPLETE"),
        event(20, "root", "Compute", "CREATE_COMPLETE"),
        event(21, "root", "shop", "CREATE_COMPLETE"),
        *finished_deploy("CREATE_COMPLETE"),
    ]


def shift(**changes: Any) -> Shift:
    """A canary at one tenth with two calm guards."""
    running = Shift(
        deployment_id="d-1",
        status="InProgress",
        function="shop-api",
        alias="live",
        current_version="3",
        target_version="4",
        target_weight=0.1,
        steps=(("BeforeAllowTraffic", "Succeeded"), ("AllowTraffic", "InProgress"), ("AfterAllowTraffic", "Pending")),
        alarms=(
            GuardAlarm(
                name="shop-api-errors-v4", state="OK", reason="", metric="Sum Errors", condition=">= 1", last=0.0
            ),
            GuardAlarm(
                name="shop-api-latency-v4", state="OK", reason="", metric="p90 Duration", condition=">= 300", last=12.5
            ),
        ),
        hooks=(
            ("BeforeAllowTraffic", "CodeDeployHook_shop-before"),
            ("AfterAllowTraffic", "CodeDeployHook_shop-after"),
        ),
        window_min=10.0,
        next_step_at=NOW + timedelta(seconds=250),
        full_at=NOW + timedelta(seconds=250),
        served=Served(requests=41, errors=0),
    )
    return replace(running, **changes)


def finished_deploy(status: str = "UPDATE_COMPLETE") -> list[Event]:
    """The end of a deploy that worked."""
    return [
        StepFinished(step="execute", text=f"shop is {status}", duration_s=12.34),
        Result(
            status="done",
            operation="deploy",
            deployment="shop-prod",
            exit_code=0,
            outputs={"ApiUrl": "https://x.invalid", "TableName": "shop-table"},
        ),
    ]
