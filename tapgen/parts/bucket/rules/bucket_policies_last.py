"""A policy that names its bucket waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, listed

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    buckets = {item.get("BucketName"): item for item in templates.of_type("AWS::S3::Bucket")}
    for policy in templates.of_type("AWS::S3::BucketPolicy"):
        bucket = buckets.get(as_text(policy.get("Bucket")))
        if bucket and bucket.logical_id not in listed(policy.definition.get("DependsOn")):
            yield policy, f"must depend on {bucket.logical_id}, which it names"


RULE = Rule(
    id="bucket-policies-last",
    holds="A bucket policy that names its bucket depends on it.",
    why="CloudFormation sees no reference in a name: the policy could be made first, and fail.",
    source='CloudFormation user guide, "DependsOn attribute"',
    find=_find,
)
