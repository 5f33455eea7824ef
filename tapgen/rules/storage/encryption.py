"""With a key of the deployment's own, everything that holds data uses it; without one, AWS's own keys are turned on.

A part that names a key of others is encrypted with that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, is_true, same
from tapgen.parts.function.model import Function
from tapgen.parts.http_api.model import HttpApi

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.part import Part
    from tapgen.service.model import Model

# The property that names the key, for each type that holds data.
_KEY_PROPERTY = {
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
_MISSING = "does not use the customer-managed key"
_KEY_PARAMETER = {"Ref": "KeyArn"}
_BUCKET_RULE = "BucketEncryption.ServerSideEncryptionConfiguration.0"
_DEFAULT = f"{_BUCKET_RULE}.ServerSideEncryptionByDefault"


def _find(templates: Templates) -> Found:
    for resource in templates.of_type(*_KEY_PROPERTY):
        wanted = _wanted_key(templates, resource)
        if wanted and resource.get(_KEY_PROPERTY[resource.type]) != wanted:
            yield resource, _MISSING
    for table in templates.of_type("AWS::DynamoDB::Table"):
        turned_on = table.get("SSESpecification.SSEEnabled"), table.get("SSESpecification.SSEType")
        if _wanted_key(templates, table) and not same(turned_on, (True, "KMS")):
            yield table, "names a key and does not encrypt with it"
    for queue in templates.of_type("AWS::SQS::Queue"):
        if not _wanted_key(templates, queue) and not is_true(queue.get("SqsManagedSseEnabled")):
            yield queue, "is not encrypted"
    yield from _unencrypted_buckets(templates)


def _unencrypted_buckets(templates: Templates) -> Found:
    buckets = list(templates.of_type("AWS::S3::Bucket"))
    log_buckets = {bucket.get("LoggingConfiguration.DestinationBucketName") for bucket in buckets}
    for bucket in buckets:
        # S3 delivers access logs to buckets with SSE-S3 alone (S3 user guide, "Enabling access logging").
        key = _wanted_key(templates, bucket)
        plain = bucket.get("BucketName") in log_buckets or not key
        wanted = "AES256" if plain else "aws:kms"
        if bucket.get(f"{_DEFAULT}.SSEAlgorithm") != wanted:
            yield bucket, f"is not encrypted with {wanted}"
        elif not plain and bucket.get(f"{_DEFAULT}.KMSMasterKeyID") != key:
            yield bucket, _MISSING
        elif not plain and not is_true(bucket.get(f"{_BUCKET_RULE}.BucketKeyEnabled")):
            yield bucket, "asks KMS for a key of each object: turn the bucket key on"


def _wanted_key(templates: Templates, resource: Resource) -> Any:
    """The key that the resource's part names, or the deployment's own; None where AWS owns the keys."""
    named = _named_keys(templates.environment.service)
    own = _KEY_PARAMETER if "KeyArn" in templates.templates[resource.stack].get("Parameters", {}) else None
    return named.get(resource.logical_id, own)


def _named_keys(service: Model) -> dict[str, Any]:
    """Logical id of what holds data → the key of others that its part names."""
    keyed = [part for part in service.parts if part.key_arn and not part.existing_arn]
    return {
        name: {"Fn::Sub": part.key_arn} if "${" in part.key_arn else part.key_arn
        for part in keyed
        for name in _logical_ids(part)
    }


def _logical_ids(part: Part) -> tuple[str, ...]:
    """Of what a part holds data in."""
    if isinstance(part, HttpApi):
        return ("AccessLogGroup",)
    if isinstance(part, Function):
        return (f"{part.logical_id}Function", f"{part.logical_id}LogGroup")
    return (part.logical_id,)


RULE = Rule(
    id="encryption",
    holds="Everything that holds data is encrypted at rest: with the key that its part names, with the "
    "deployment's own where it has one, with AWS's keys elsewhere.",
    why="Data that another key encrypts is out of reach of the key's policy, its audit and its deletion.",
    source="the encryption-at-rest chapters of the developer guides of DynamoDB, Lambda, CloudWatch Logs, S3, SNS, "
    "SQS and Secrets Manager",
    find=_find,
)
