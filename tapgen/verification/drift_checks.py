"""Whether anybody changed resources behind CloudFormation's back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.deployment import Deployment
from tapgen.deploy.drift.detect import compare_deployment
from tapgen.deploy.preflight import STABLE
from tapgen.diff.words import value_text
from tapgen.verification.finding import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.drift.findings import DriftedResource
    from tapgen.verification.deployed import Deployed
    from tapgen.verification.finding import Finding

# Each of them has a check of its own, which says more.
_CHECKED_ELSEWHERE = {"AWS::Lambda::Alias", "AWS::SNS::Subscription"}


def check_drift(deployed: Deployed) -> Iterator[Finding]:
    """Every resource is as its template says, as far as CloudFormation compares it and beyond."""
    report = Report("drift")
    if deployed.found.root.status not in STABLE:
        yield report.skipped(
            f"the stack is {deployed.found.root.status}: everything may differ while it is not at rest"
        )
        return
    found = compare_deployment(deployed.context, _deployment(deployed), deployed.situation)
    drifted = [each for each in found.resources if each.revertible or each.resource_type not in _CHECKED_ELSEWHERE]
    if drifted:
        yield report.failed(
            ". ".join(map(_describe, drifted)), f"`tapgen drift {deployed.options}` shows it, --revert reverts"
        )
    for failure in found.failures:
        yield report.skipped(
            f"CloudFormation could not compare {failure}",
            "it reads resources as its caller: let a role verify that may read them, such as ReadOnlyAccess",
        )
    if not drifted and not found.failures:
        yield report.passed(f"{found.checked} resources are as their templates say")


def _describe(resource: DriftedResource) -> str:
    if resource.status == "DELETED":
        return f"{resource.path} is gone"
    values = (
        f"{each.path} is {value_text(each.actual)} instead of {value_text(each.expected)}"
        for each in resource.properties
    )
    return f"{resource.path}: {'; '.join(values)}"


def _deployment(deployed: Deployed) -> Deployment:
    names, environment = deployed.names, deployed.environment
    return Deployment(
        name=names.deployment,
        environment=environment.name,
        suffix=environment.suffix,
        account_id=environment.account_id,
        root_stack=names.root_stack,
        artifact_bucket=names.artifact_bucket,
    )
