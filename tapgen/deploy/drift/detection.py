"""CloudFormation's own drift detection, on every stack of a deployment at once.

CloudFormation does not look into nested stacks (DetectStackDrift, API reference), so each is asked for itself.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import drift
from tapgen.deploy.drift.model import DriftedProperty, DriftedResource, Unchecked
from tapgen.engine.patience import patiently
from tapgen.engine.polling import Ticker
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.deploy.state.stack_tree import StackSurvey
    from tapgen.engine.context import Context

_COMPARED = {"IN_SYNC", "MODIFIED", "DELETED"}
_DRIFTED = {"MODIFIED", "DELETED"}
_PARALLEL_STACKS = 8


@dataclass(frozen=True, kw_only=True)
class Detected:
    """What CloudFormation found of one stack."""

    resources: tuple[DriftedResource, ...]
    checked: int
    unchecked: tuple[Unchecked, ...]
    failure: str = ""


def detect_stacks(context: Context, stacks: Sequence[StackSurvey]) -> tuple[Detected, ...]:
    """Detect and wait, all stacks at once."""
    with ThreadPoolExecutor(_PARALLEL_STACKS, thread_name_prefix="drift") as pool:
        return tuple(pool.map(lambda stack: _detect(context, stack), stacks))


def _detect(context: Context, stack: StackSurvey) -> Detected:
    try:
        failure = _await_detection(context, stack.stack_id)
    except AwsError as error:
        return Detected(resources=(), checked=0, unchecked=(), failure=f"{stack.label}: {error}")
    found = drift.list_drifts(context.aws.client("cloudformation"), stack.stack_id)
    compared = {each.logical_id for each in found if each.status in _COMPARED}
    return Detected(
        resources=tuple(_drifted(stack.label, each) for each in found if each.status in _DRIFTED),
        checked=len(compared),
        unchecked=tuple(
            Unchecked(stack=stack.label, logical_id=each.logical_id, resource_type=each.resource_type)
            for each in stack.resources
            if each.logical_id not in compared
        ),
        failure=f"{stack.label}: {failure}" if failure else "",
    )


def _await_detection(context: Context, stack_id: str) -> str:
    """Start one and wait for its end; why it failed, or nothing."""
    client = context.aws.client("cloudformation")
    ticker = Ticker(context.clock)
    # Somebody else's detection on the same stack is waited for, not taken: it may have begun before a change.
    while (detection_id := patiently(context, lambda: drift.start_detection(client, stack_id))) is None:
        ticker.wait()
    while True:
        status = patiently(context, lambda: drift.read_detection(client, detection_id))
        if status.status != "DETECTION_IN_PROGRESS":
            return status.reason if status.status == "DETECTION_FAILED" else ""
        ticker.wait()


def _drifted(stack: str, found: drift.ResourceDrift) -> DriftedResource:
    return DriftedResource(
        stack=stack,
        logical_id=found.logical_id,
        resource_type=found.resource_type,
        physical_id=found.physical_id,
        status="DELETED" if found.status == "DELETED" else "MODIFIED",
        seen_by="CloudFormation",
        properties=tuple(
            DriftedProperty(path=each.path, expected=each.expected, actual=each.actual) for each in found.properties
        ),
    )
