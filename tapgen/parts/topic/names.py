"""What a topic is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.topic.model import Topic


def physical_name(names: Names, part: Topic) -> str:
    """Its name."""
    if part.existing_arn:
        return part.existing_arn.rpartition(":")[2]
    return names.name("topic", part.name)


def make_arn(names: Names, part: Topic, path: str = "") -> Arn:
    """Its ARN."""
    if part.existing_arn:
        return {"Fn::Sub": part.existing_arn}
    return arns.regional("sns", f"{physical_name(names, part)}{path}")


def attributes(names: Names, part: Topic) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part)}


def variables(names: Names, part: Topic) -> Mapping[str, object]:
    """What a grant brings: the ARN, which is what publishing takes."""
    return {part.variable: make_arn(names, part)}
