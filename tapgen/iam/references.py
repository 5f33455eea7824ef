"""What templates name that their service did not make: roles, keys, layers, images, topics and hosted zones. Pure.

CloudFormation uses them for the resources that it makes, so its role has to be let.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tapgen.iam.boundary import Existing
from tapgen.iam.grants import listed

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
_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<name>[^:@]+)")


def find_references(templates: Iterable[Mapping[str, Any]], *, prefix: str) -> tuple[Existing, ...]:
    """What the templates name by a literal that does not carry the service's prefix."""
    found = {
        arn
        for template in templates
        for resource in template["Resources"].values()
        for arn in _arns(resource.get("Properties", {}))
        if prefix not in arn
    }
    return tuple(Existing(arn=arn) for arn in sorted(found))


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
