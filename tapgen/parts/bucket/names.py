"""What a bucket is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.bucket.model import Bucket


def physical_name(names: Names, part: Bucket) -> str:
    """The bucket's name."""
    if part.existing_arn:
        return part.existing_arn.rpartition(":")[2]
    return names.bucket(part.name)


def make_arn(names: Names, part: Bucket, path: str = "") -> Arn:
    """The ARN of the bucket, or of objects in it."""
    if part.existing_arn:
        return {"Fn::Sub": f"{part.existing_arn}{path}"}
    return arns.s3(f"{physical_name(names, part)}{path}")


def attributes(names: Names, part: Bucket) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part)}


def variables(names: Names, part: Bucket) -> Mapping[str, object]:
    """What a grant brings: the bucket's name."""
    return {part.variable: physical_name(names, part)}
