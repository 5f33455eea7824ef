"""Importing existing resources, beyond what MiniStack imports: stacks into a parent, bucket policies, drift afterwards.

    requests        what CreateChangeSet refuses of an import
    nesting         an existing stack becomes a nested one
    existing        what a nested stack would create and is there already, it imports
    policies        a bucket's policy is imported beside its bucket, and never overwritten by a create
    owners          which stack a resource belongs to

MiniStack makes and executes change sets of the type IMPORT for one stack. AWS documentation: CloudFormation user guide,
"Import AWS resources into a CloudFormation stack manually", "Nest an existing stack".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.cloudformation.imports import existing, nesting, owners, policies, requests
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_DETECTABLE = Seam(
    module="ministack.services.cloudformation.drift",
    attribute="DRIFT_DETECTABLE_STATUSES",
    parameters=None,
    gap="A stack that has just imported cannot be compared; the guide says to detect drift right after an import.",
)

SEAMS: tuple[Seam, ...] = (
    *requests.SEAMS,
    *nesting.SEAMS,
    *existing.SEAMS,
    *policies.SEAMS,
    *owners.SEAMS,
    _DETECTABLE,
)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Add what is missing."""
    replace(_DETECTABLE, original(_DETECTABLE) | {"IMPORT_COMPLETE"})
    policies.install()
    nesting.install()
    requests.install()
    owners.install()
