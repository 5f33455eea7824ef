"""Operations as sequences of events, and snapshots of how they look."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.events import ChangesPlanned, Noted, Result, StackEvent, StepFinished, StepStarted, UploadProgressed
from tapgen.model import Change

if TYPE_CHECKING:
    from tapgen.events import Event

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "ui"
_NESTED = "AWS::CloudFormation::Stack"
_START = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)

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


def _event(second: int, stack: str, logical_id: str, status: str, reason: str = "") -> StackEvent:
    nested = logical_id in {"Data", "Compute", "shop"}
    return StackEvent(
        stack=stack,
        logical_id=logical_id,
        resource_type=_NESTED if nested else "AWS::Lambda::Function",
        status=status,
        reason=reason,
        timestamp=_START + timedelta(seconds=second),
        physical_id=f"id-{logical_id}",
    )


def failed_update() -> list[Event]:
    """A deploy whose function fails in a nested stack."""
    return [
        StepStarted(step="preflight", text="Reading the stack"),
        StepFinished(step="preflight", text="The stack will be updated", duration_s=0.21),
        UploadProgressed(done_bytes=10, total_bytes=100, done_objects=1, total_objects=3),
        UploadProgressed(done_bytes=60, total_bytes=100, done_objects=2, total_objects=3),
        UploadProgressed(done_bytes=100, total_bytes=100, done_objects=3, total_objects=3),
        StepFinished(step="upload", text="Uploaded 3 of 8 objects: compute, root, api", duration_s=1.5),
        Noted(level="warning", text="AWS_REGION differs", hint="unset it"),
        ChangesPlanned(stack="shop", kind="UPDATE", change_set_id="arn:x", changes=changes()),
        StepStarted(step="execute", text="Executing the change set"),
        _event(0, "root", "shop", "UPDATE_IN_PROGRESS"),
        _event(1, "root", "Compute", "UPDATE_IN_PROGRESS"),
        _event(2, "Compute", "ApiFunction", "UPDATE_IN_PROGRESS"),
        _event(3, "Compute", "ApiFunction", "UPDATE_FAILED", "Role is not authorized to perform: kms:Decrypt"),
        _event(4, "root", "shop", "UPDATE_ROLLBACK_IN_PROGRESS"),
        _event(9, "root", "shop", "UPDATE_ROLLBACK_COMPLETE"),
        Result(status="failed", operation="deploy", deployment="shop-prod", exit_code=4, error={"code": "x"}),
    ]


def finished_deploy() -> list[Event]:
    """The end of a deploy that worked."""
    return [
        StepFinished(step="execute", text="shop is UPDATE_COMPLETE", duration_s=12.34),
        Result(
            status="done",
            operation="deploy",
            deployment="shop-prod",
            exit_code=0,
            outputs={"ApiUrl": "https://x.invalid", "TableName": "shop-table"},
        ),
    ]
