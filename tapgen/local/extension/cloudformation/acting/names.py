"""What a resource and everything that it names is called: the values of the placeholders in AWS's ARNs.

The placeholders are those of the Service Authorization Reference. A resource without a name of its own is called what
CloudFormation would begin its name with. Knows no action.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tapgen.local.extension.cloudformation.acting.operations import found
from tapgen.local.extension.cloudformation.acting.own_names import own_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.extension.cloudformation.acting.operations import Operation

    Names = dict[str, str]

_ROLE = re.compile(r"arn:[^:]+:iam::\d*:role/(?!aws-service-role/)(?P<path>.+)")
_KEY = re.compile(
    r"(?:arn:[^:]+:kms:(?P<Region>[^:]+):(?P<Account>\d+):)?(?:key/)?(?P<KeyId>[0-9a-f]{8}-[0-9a-f-]{27}|mrk-[0-9a-f]+)"
)
_IMAGE = re.compile(r"(?P<Account>\d+)\.dkr\.ecr\.(?P<Region>[^.]+)\.[^/]+/(?P<RepositoryName>[^:@]+).*")
_STREAM = re.compile(r"arn:[^:]+:kinesis:(?P<Region>[^:]+):(?P<Account>\d+):stream/(?P<StreamName>[^/]+)")
_SIGNING = re.compile(
    r"arn:[^:]+:lambda:(?P<Region>[^:]+):(?P<Account>\d+):code-signing-config:(?P<CodeSigningConfigId>.+)"
)
_USED_PROPERTIES = ("ImageUri", "StreamArn", "CodeSigningConfigArn")
_KEY_PROPERTIES = ("KMSMasterKeyId", "KmsKeyArn", "KmsKeyId", "KmsKeyIdentifier", "KmsMasterKeyId", "SourceKMSKeyArn")
_ROLE_PROPERTIES = (
    *("AuthorizerCredentialsArn", "CredentialsArn", "Role", "RoleARN", "RoleArn", "ServiceRoleArn"),
    *("SubscriptionRoleArn", "SuccessFeedbackRoleArn", "FailureFeedbackRoleArn"),
)


def names_of(operation: Operation) -> list[Names]:
    """Sets of placeholders: first the resource's own, then one for each thing that it names."""
    return [*own_names(operation), *_keys(operation), *_roles(operation), *_objects(operation), *_used(operation)]


def passed_roles(operation: Operation) -> Iterator[str]:
    """Paths and names of the roles that it hands to a service; service-linked ones cannot be passed."""
    for name in _ROLE_PROPERTIES:
        for value in found(operation.properties, name):
            match = _ROLE.fullmatch(value) if isinstance(value, str) else None
            if match:
                yield match["path"]


def _keys(operation: Operation) -> Iterator[Names]:
    for name in _KEY_PROPERTIES:
        for value in found(operation.properties, name):
            match = _KEY.fullmatch(str(value))
            if match:
                yield {key: value for key, value in match.groupdict().items() if value}


def _roles(operation: Operation) -> Iterator[Names]:
    yield from ({"RoleNameWithPath": path} for path in passed_roles(operation))


def _objects(operation: Operation) -> Iterator[Names]:
    """Objects of S3 that are read for it: code, content, a truststore, the template of a nested stack."""
    for holder in (*found(operation.properties, "Code"), *found(operation.properties, "Content")):
        if isinstance(holder, dict) and holder.get("S3Key"):
            yield {"BucketName": str(holder.get("S3Bucket")), "ObjectName": str(holder["S3Key"])}
    for url in (*found(operation.properties, "TemplateURL"), *found(operation.properties, "TruststoreUri")):
        bucket, key = _bucket_and_key(str(url))
        yield {"BucketName": bucket, "ObjectName": key}


def _used(operation: Operation) -> Iterator[Names]:
    """A repository, a stream, a signing configuration."""
    for pattern in (_IMAGE, _STREAM, _SIGNING):
        values = (value for name in _USED_PROPERTIES for value in found(operation.properties, name))
        for match in (pattern.fullmatch(str(value)) for value in values):
            if match:
                yield match.groupdict()


def _bucket_and_key(url: str) -> tuple[str, str]:
    """Of ``s3://bucket/key``, and of both forms of a URL of S3's API."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return parts.netloc, parts.path.lstrip("/")
    host = re.fullmatch(r"(.+)\.s3[.-].*", parts.hostname or "")
    if host:
        return host[1], parts.path.lstrip("/")
    bucket, _, key = parts.path.lstrip("/").partition("/")
    return bucket, key
