"""Data, what reads it, and what a rollback goes back to outlive their stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

# What outlives its stack, by its DeletionPolicy. Versions do unless the update that makes them fails. Of the log groups
# only the access log does; the functions' logs are for operators.
_DELETION_POLICY = {
    "AWS::DynamoDB::Table": "Retain",
    "AWS::KMS::Key": "Retain",
    "AWS::Lambda::LayerVersion": "RetainExceptOnCreate",
    "AWS::Lambda::Version": "RetainExceptOnCreate",
    "AWS::S3::Bucket": "Retain",
    "AWS::S3::BucketPolicy": "Retain",
    "AWS::SecretsManager::Secret": "Retain",
}


def _find(templates: Templates) -> Found:
    for resource in templates.resources:
        is_access_log = resource.type == "AWS::Logs::LogGroup" and "AccessLog" in resource.logical_id
        wanted = "Retain" if is_access_log else _DELETION_POLICY.get(resource.type)
        policies = resource.definition.get("DeletionPolicy"), resource.definition.get("UpdateReplacePolicy")
        if wanted and policies != (wanted, "Retain"):
            yield resource, f"needs DeletionPolicy {wanted} and UpdateReplacePolicy Retain"


RULE = Rule(
    id="retained-data",
    holds="Data, its keys, what guards it, and the versions that a rollback goes back to outlive their stack and a "
    "replacement.",
    why="CloudFormation deletes what it made unless the template says otherwise, on a mistaken update as well.",
    source='CloudFormation user guide, "DeletionPolicy attribute" and "UpdateReplacePolicy attribute"',
    find=_find,
)
