"""What a parameter is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.parameter.model import Parameter


def physical_name(names: Names, part: Parameter) -> str:
    """Its name."""
    if part.existing_arn:
        return part.existing_arn.rpartition(":parameter/")[2]
    return names.name("parameter", part.name)


def make_arn(names: Names, part: Parameter, path: str = "") -> Arn:
    """Its ARN."""
    if part.existing_arn:
        return {"Fn::Sub": part.existing_arn}
    return arns.regional("ssm", f"parameter/{physical_name(names, part)}{path}")


def attributes(names: Names, part: Parameter) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part)}


def variables(names: Names, part: Parameter) -> Mapping[str, object]:
    """What a grant brings: the name, never the value."""
    return {part.variable: physical_name(names, part)}
