"""Bucket policies: imported by their bucket's name, and never put over one that is there.

CloudFormation's handler refuses to create a policy where the bucket has one; MiniStack overwrites it. Its physical id
of a policy is not AWS's, which is the bucket's name, and stays as it is: records on disk have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.imports.nesting import add_type
from tapgen.local.extension.cloudformation.resource_types import refuse_create
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY = "AWS::S3::BucketPolicy"

_POLICIES = Seam(
    module="ministack.services.s3", attribute="_bucket_policies", parameters=None, gap="Used: the policy of a bucket."
)
SEAMS: tuple[Seam, ...] = (cfn.RESOURCE_HANDLERS, _POLICIES)


def install() -> None:
    """Make the type importable, and its create careful."""
    add_type(POLICY, ("Bucket",), _problem)
    original(cfn.RESOURCE_HANDLERS)[POLICY]["import"] = _adopt
    refuse_create(POLICY, _taken)


def _problem(bucket: str) -> str | None:
    if bucket in original(_POLICIES):
        return None
    return f"Resource of type '{POLICY}' with identifier '{bucket}' was not found."


def _adopt(identifier: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    return f"{identifier['Bucket']}-policy", {}


def _taken(properties: dict[str, Any]) -> str:
    bucket = str(properties.get("Bucket", ""))
    return f"The bucket policy already exists on bucket {bucket}." if bucket in original(_POLICIES) else ""
