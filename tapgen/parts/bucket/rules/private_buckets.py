"""Buckets block public access, know no ACLs and keep what is overwritten for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, is_true

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _find(templates: Templates) -> Found:
    for bucket in templates.of_type("AWS::S3::Bucket"):
        if not all(is_true(bucket.get(f"PublicAccessBlockConfiguration.{block}")) for block in _BLOCKS):
            yield bucket, "does not block all public access"
        if bucket.get("OwnershipControls.Rules.0.ObjectOwnership") != "BucketOwnerEnforced":
            yield bucket, "takes ACLs: enforce the owner"
        if bucket.get("VersioningConfiguration.Status") != "Enabled":
            yield bucket, "forgets what is overwritten: turn versioning on"


RULE = Rule(
    id="private-buckets",
    holds="Buckets block all public access, belong to their owner alone, and keep versions.",
    why="A bucket that one policy or ACL can open is one mistake away from everybody; without versions, an "
    "overwritten or deleted object is gone.",
    source='S3 user guide, "Blocking public access to your Amazon S3 storage" and "Security best practices"',
    find=_find,
)
