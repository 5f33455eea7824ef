"""Reads the schemas of CloudFormation's resource types. Registers and activates none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def read_schema(client: CloudFormationClient, resource_type: str) -> dict[str, Any] | None:
    """The schema of a resource type in the caller's region; None when the registry does not have it (one call)."""
    with translated(f"read the schema of {resource_type}"):
        try:
            found = client.describe_type(Type="RESOURCE", TypeName=resource_type)
        except ClientError as error:
            if error_code(error) == "TypeNotFoundException":
                return None
            raise
    schema: dict[str, Any] = json.loads(found["Schema"])
    return schema
