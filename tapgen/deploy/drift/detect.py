"""Looks for drift everywhere: CloudFormation's detection, our own looks, and the report that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.clock import read_time
from tapgen.aws.stacks import STABLE
from tapgen.config.regions import dns_suffix
from tapgen.deploy.drift.detection import detect_stacks
from tapgen.deploy.drift.expectation import Surroundings, expect
from tapgen.deploy.drift.model import DriftReport, merge
from tapgen.deploy.drift.reports import keep_report
from tapgen.deploy.drift.undetected import UndetectedDriftReader, drifted_aliases
from tapgen.deploy.state.observed_state import observe
from tapgen.deploy.state.recorded_templates import read_side
from tapgen.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from tapgen.deploy.drift.expectation import Expected
    from tapgen.deploy.drift.model import DriftedResource
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.deploy.state.stack_tree import Survey
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment


def detect_drift(context: Context, deployment: Deployment) -> DriftReport:
    """Compare everything that is deployed with its templates, and keep what was found.

    Raises:
        UsageError: Nothing is deployed.
        RefusedError: An operation runs, or the stack is stuck: then everything differs from its template.
    """
    with context.step("drift", "Reading the deployment") as step:
        situation = observe(context, deployment)
        found = require_rest(situation, deployment)
        step.text = f"Comparing {sum(len(stack.resources) for stack in found.stacks)} resources"
    with context.step("detect", f"Detecting drift of {len(found.stacks)} stacks") as step:
        report = compare(context, deployment, situation)
        step.text = f"{len(report.resources)} resources have drifted" if report.drifted else "Nothing has drifted"
    keep_report(context, deployment, report)
    return report


def require_rest(situation: Situation, deployment: Deployment) -> Survey:
    """The stacks, when drift can be told of them.

    Raises:
        UsageError: Nothing is deployed.
        RefusedError: An operation runs, or the stack is stuck.
    """
    root = situation.history.root
    if root is None or situation.survey is None or root.status == "REVIEW_IN_PROGRESS":
        raise UsageError(
            f"{deployment.root_stack} is not deployed", hint="there is nothing to compare", code="not-deployed"
        )
    if root.status not in STABLE:
        raise RefusedError(
            f"{root.name} is in {root.status}",
            why="drift can be told of a stack that is at rest alone",
            hint=f"`tapgen status {deployment.options}` says what goes on",
            code="stack-busy" if root.in_progress else "stack-stuck",
        )
    return situation.survey


def compare(context: Context, deployment: Deployment, situation: Situation) -> DriftReport:
    """CloudFormation's detection of every stack and our own looks; nothing is kept.

    Raises:
        UsageError, RefusedError: As for ``require_rest``.
    """
    detected = detect_stacks(context, require_rest(situation, deployment).stacks)
    looked = (*_look(context, deployment, situation), *drifted_aliases(situation, options=deployment.options))
    return DriftReport(
        deployment=deployment.name,
        release_id=situation.history.live_release,
        checked_at=read_time(context.aws),
        who=context.aws.identity().arn,
        resources=merge(tuple(each for stack in detected for each in stack.resources), looked),
        checked=sum(stack.checked for stack in detected),
        unchecked=tuple(each for stack in detected for each in stack.unchecked),
        failures=tuple(stack.failure for stack in detected if stack.failure),
    )


def _look(context: Context, deployment: Deployment, situation: Situation) -> tuple[DriftedResource, ...]:
    """Our own looks, by the templates of the live release's record."""
    live = situation.history.live
    if live is None or situation.survey is None:
        context.warn(
            "what CloudFormation does not see is not compared: the live release has no record",
            hint="the next `tapgen deploy` makes one",
            code="drift-partly-unseen",
        )
        return ()
    side = read_side(context, deployment, live.intent, label="the live release")
    labels = side.nested_stacks()
    around = _surroundings(context, deployment, situation)
    expected: list[Expected] = [
        each for stack, label in labels.items() for each in expect(label, side.templates[stack], around)
    ]
    looker = UndetectedDriftReader(
        context.aws,
        account_id=deployment.account_id,
        physical_ids={
            (stack.label, resource.logical_id): resource.physical_id
            for stack in situation.survey.stacks
            for resource in stack.resources
        },
    )
    return looker.look(expected)


def _surroundings(context: Context, deployment: Deployment, situation: Situation) -> Surroundings:
    meta = context.aws.client("cloudformation").meta
    root = situation.history.root
    return Surroundings(
        account_id=deployment.account_id,
        region=meta.region_name,
        partition=meta.partition,
        url_suffix=dns_suffix(meta.partition),
        parameters=root.parameters if root else {},
    )
