"""What templates name that their service did not make. Pure.

Roles, keys, layers, images, topics and hosted zones are CloudFormation's to use for the resources that it makes;
tables, buckets, queues and whatever else the roles' policies name is theirs at run time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.iam.boundary import Existing, role_documents
from tapgen.iam.families import families
from tapgen.iam.grants import grants_of, listed, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Properties that name, in any resource type, something else by its ARN.
_ARNS = frozenset(
    {
        "CredentialsArn",
        "KMSMasterKeyId",
        "KmsKeyArn",
        "KmsKeyId",
        "KmsKeyIdentifier",
        "KmsMasterKeyId",
        "Layers",
        "Role",
        "RoleARN",
        "RoleArn",
        "ServiceRoleArn",
        "StreamArn",
        "TopicArn",
    }
)
# What AWS names, or authorises as a whole: the families cover it.
_NAMELESS = (re.compile(r":cloudwatch:.*:alarm:"), re.compile(r":kms:\$.*:key/\*$"), re.compile(r":event-bus/default$"))
_PARTS = (
    re.compile(r"(arn:\S+?:s3:::[^/]+)/"),
    re.compile(r"(arn:\S+?:dynamodb:\S+?:table/[^/]+)/"),
    re.compile(r"(arn:\S+?:lambda:\S+?:function:[^:]+):"),
)
_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<name>[^:@]+)")


def find_references(templates: Iterable[Mapping[str, Any]], *, ours: str) -> tuple[Existing, ...]:
    """What resources name by a literal.

    Args:
        templates: Of the service.
        ours: A pattern of what the service's own names begin with; what has such a name is left out.
    """
    found = {
        arn
        for template in templates
        for resource in template["Resources"].values()
        for arn in _arns(resource.get("Properties", {}))
        if not matches(f"*{ours}*", arn)
    }
    return tuple(Existing(arn=arn) for arn in sorted(found))


def find_uses(templates: Iterable[Mapping[str, Any]], *, ours: str) -> tuple[Existing, ...]:
    """What the roles' policies let them use by an ARN that is not of the service's names.

    The whole bucket, table or function stands for a part of it, so that another prefix of a bucket is nothing new.
    """
    known = {family.service for family in families()}
    shared = {family.service for family in families() if family.existing} | {"kms"}
    found: dict[str, set[str]] = {}
    for _, document in role_documents(templates):
        for grant in grants_of(document):
            arn, service = _text(grant.resource), grant.action.partition(":")[0]
            if arn.startswith("arn:") and (service not in known or not _is_ours(arn, ours)):
                found.setdefault(_whole(arn), set()).update(() if service in shared else (grant.action,))
    return tuple(Existing(arn=arn, actions=tuple(sorted(actions))) for arn, actions in sorted(found.items()))


def _is_ours(arn: str, ours: str) -> bool:
    """Whether a name of the service is in it, or AWS names it and the boundary's families cover it all."""
    return matches(f"*{ours}*", arn) or any(end.search(arn) for end in _NAMELESS)


def _whole(arn: str) -> str:
    for pattern in _PARTS:
        if found := pattern.match(arn):
            return found[1]
    return arn


def _arns(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _arns(item)
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        if name in _ARNS:
            yield from (text for text in map(_text, listed(item)) if text.startswith("arn:"))
        elif name == "ImageUri" and (image := _IMAGE.match(_text(item))):
            yield "arn:${{AWS::Partition}}:ecr:{region}:{account}:repository/{name}".format(**image.groupdict())
        elif name == "HostedZoneId" and _text(item):
            yield f"arn:${{AWS::Partition}}:route53:::hostedzone/{_text(item)}"
        yield from _arns(item)


def _text(value: Any) -> str:
    """A literal, or a pattern with pseudo parameters; empty for what only a deployed stack knows."""
    if isinstance(value, dict) and isinstance(value.get("Fn::Sub"), str):
        value = value["Fn::Sub"]
    return value if isinstance(value, str) else ""
