"""With a key of the deployment's own, everything that holds data uses it; without one, AWS's own keys are turned on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, is_true, same

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

# The property that names the key, for each type that holds data.
_KEY_PROPERTY = {
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
_KEY_PARAMETER = {"Ref": "KeyArn"}
_BUCKET_RULE = "BucketEncryption.ServerSideEncryptionConfiguration.0"
_DEFAULT = f"{_BUCKET_RULE}.ServerSideEncryptionByDefault"


def _find(templates: Templates) -> Found:
    for resource in templates.of_type(*_KEY_PROPERTY):
        if _has_key(templates, resource.stack) and resource.get(_KEY_PROPERTY[resource.type]) != _KEY_PARAMETER:
            yield resource, "does not use the customer-managed key"
    for table in templates.of_type("AWS::DynamoDB::Table"):
        turned_on = table.get("SSESpecification.SSEEnabled"), table.get("SSESpecification.SSEType")
        if _has_key(templates, table.stack) and not same(turned_on, (True, "KMS")):
            yield table, "names a key and does not encrypt with it"
    for queue in templates.of_type("AWS::SQS::Queue"):
        if not _has_key(templates, queue.stack) and not is_true(queue.get("SqsManagedSseEnabled")):
            yield queue, "is not encrypted"
    yield from _unencrypted_buckets(templates)


def _unencrypted_buckets(templates: Templates) -> Found:
    buckets = list(templates.of_type("AWS::S3::Bucket"))
    log_buckets = {bucket.get("LoggingConfiguration.DestinationBucketName") for bucket in buckets}
    for bucket in buckets:
        # S3 delivers access logs to buckets with SSE-S3 alone (S3 user guide, "Enabling access logging").
        plain = bucket.get("BucketName") in log_buckets or not _has_key(templates, bucket.stack)
        wanted = "AES256" if plain else "aws:kms"
        if bucket.get(f"{_DEFAULT}.SSEAlgorithm") != wanted:
            yield bucket, f"is not encrypted with {wanted}"
        elif not plain and bucket.get(f"{_DEFAULT}.KMSMasterKeyID") != _KEY_PARAMETER:
            yield bucket, "does not use the customer-managed key"
        elif not plain and not is_true(bucket.get(f"{_BUCKET_RULE}.BucketKeyEnabled")):
            yield bucket, "asks KMS for a key of each object: turn the bucket key on"


def _has_key(templates: Templates, stack: str) -> bool:
    return "KeyArn" in templates.templates[stack].get("Parameters", {})


RULE = Rule(
    id="encryption",
    holds="Everything that holds data is encrypted at rest: with the deployment's own key where it has one, with "
    "AWS's keys elsewhere.",
    why="Data that another key encrypts is out of reach of the key's policy, its audit and its deletion.",
    source="the encryption-at-rest chapters of the developer guides of DynamoDB, Lambda, CloudWatch Logs, S3, SNS, "
    "SQS and Secrets Manager",
    find=_find,
)
