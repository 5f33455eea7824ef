"""Whether anybody changed resources behind CloudFormation's back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.drift.detect import compare
from tapgen.deploy.drift.model import describe
from tapgen.errors import RefusedError
from tapgen.findings import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.drift.model import DriftedResource
    from tapgen.findings import Finding
    from tapgen.verification.deployed import Deployed

# Each of them has a check of its own, which says more.
_CHECKED_ELSEWHERE = {"AWS::Lambda::Alias", "AWS::SNS::Subscription"}


def check_drift(deployed: Deployed) -> Iterator[Finding]:
    """Every resource is as its template says, as far as CloudFormation compares it and beyond.

    A kept report says nothing of what happened since, so everything is compared anew: detection costs no money, and as
    much time as the slowest stack takes. The report is not kept; that is what ``tapgen drift`` is for.
    """
    report = Report("drift")
    try:
        found = compare(deployed.context, deployed.deployment, deployed.situation)
    except RefusedError as error:
        yield report.skipped(f"not compared: {error.what}", error.hint)
        return
    drifted = [each for each in found.resources if each.revertible or each.resource_type not in _CHECKED_ELSEWHERE]
    for resource in drifted:
        yield report.failed(describe(resource), _way_out(deployed, resource))
    for failure in found.failures:
        yield report.skipped(
            f"CloudFormation could not compare {failure}",
            "it reads resources as its caller: let a role verify that may read them, such as ReadOnlyAccess",
        )
    if not drifted and not found.failures:
        yield report.passed(f"{found.checked} resources are as their templates say")


def _way_out(deployed: Deployed, resource: DriftedResource) -> str:
    revert = f"`tapgen drift {deployed.options} --revert`, or change the template and `tapgen deploy`"
    return resource.way_out or revert
