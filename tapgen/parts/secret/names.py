"""What a secret is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.secret.model import Secret


def physical_name(names: Names, part: Secret) -> str:
    """Its name."""
    if part.existing_arn:
        return part.existing_arn
    return names.name("secret", part.name)


def make_arn(names: Names, part: Secret, path: str = "") -> Arn:
    """Its ARN, whatever its suffix.

    Secrets Manager adds a hyphen and six characters to the name (Secrets Manager user guide, "What's in a secret").
    """
    if part.existing_arn:
        return {"Fn::Sub": part.existing_arn}
    return arns.regional("secretsmanager", f"secret:{physical_name(names, part)}-??????{path}")


def attributes(names: Names, part: Secret) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part)}


def variables(names: Names, part: Secret) -> Mapping[str, object]:
    """What a grant brings: the name, or the ARN of another's; never the value."""
    return {part.variable: make_arn(names, part) if part.existing_arn else physical_name(names, part)}
