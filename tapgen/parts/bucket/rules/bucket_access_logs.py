"""Each request to a bucket is logged where the service says so."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import actions_of, as_text, in_document, resources_of
from tapgen.elements.rule import Found, Rule, differences, listed, mapping
from tapgen.parts.bucket.model import Bucket
from tapgen.parts.made import made

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    logs = templates.names.access_log_bucket
    for part, bucket in made(templates, Bucket, "AWS::S3::Bucket", name_property="BucketName"):
        wanted = logs if part.access_logs else None
        yield from differences(bucket, {"LoggingConfiguration.DestinationBucketName": wanted})
        prefix = bucket.get("LoggingConfiguration.LogFilePrefix")
        if wanted and not _admitted(templates, bucket, prefix):
            yield bucket, f"logs to {wanted}/{prefix}, whose policy does not let S3 deliver there"
        missing = _needed(templates, bucket, wanted) - set(listed(bucket.definition.get("DependsOn")))
        if missing:
            yield bucket, f"must depend on {', '.join(sorted(missing))}: S3 checks that it may deliver"


def _needed(templates: Templates, bucket: Resource, name: str | None) -> set[str]:
    """Logical ids of the log bucket and its policy; a bucket of another stack waits for theirs as a whole."""
    types = {"AWS::S3::Bucket": "BucketName", "AWS::S3::BucketPolicy": "Bucket"}
    found = {
        item.logical_id
        for kind, key in types.items()
        for item in templates.of_type(kind)
        if item.get(key) == name and item.stack == bucket.stack
    }
    return found if name else set()


def _admitted(templates: Templates, bucket: Resource, prefix: Any) -> bool:
    name, logs = bucket.get("BucketName"), templates.names.access_log_bucket
    source, target = f"arn:${{AWS::Partition}}:s3:::{name}", f"arn:${{AWS::Partition}}:s3:::{logs}/{prefix}log"
    for policy in templates.of_type("AWS::S3::BucketPolicy"):
        for statement in in_document(policy.get("PolicyDocument") if policy.get("Bucket") == logs else None):
            condition = mapping(statement.get("Condition"))
            sources = map(as_text, listed(mapping(condition.get("ArnLike")).get("aws:SourceArn")))
            if (
                statement.get("Effect") == "Allow"
                and statement.get("Principal") == {"Service": "logging.s3.amazonaws.com"}
                and "s3:PutObject" in actions_of(statement)
                and any(fnmatchcase(target, pattern) for pattern in resources_of(statement))
                and mapping(condition.get("StringEquals")).get("aws:SourceAccount") == {"Ref": "AWS::AccountId"}
                and any(fnmatchcase(source, pattern) for pattern in sources)
            ):
                return True
    return False


RULE = Rule(
    id="bucket-access-logs",
    holds="Each request to a bucket is logged where the service says so, to a bucket whose policy lets S3 deliver "
    "for this bucket of this account alone.",
    why="Who read what cannot be told afterwards; a log bucket open to other accounts can be filled by anybody.",
    source='S3 user guide, "Enabling Amazon S3 server access logging"',
    find=_find,
)
