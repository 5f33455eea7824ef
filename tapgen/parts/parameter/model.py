"""A parameter as a user writes it, and its verb. Somebody sets its value; no template and no variable holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.part import Part, Verb


@dataclass(frozen=True, kw_only=True)
class Parameter(Part):
    """A parameter of Systems Manager, set with ``aws ssm put-parameter``.

    CloudFormation cannot make a parameter without its value, nor a ``SecureString`` at all (CloudFormation template
    reference, AWS::SSM::Parameter).
    """

    kind: ClassVar[str] = "parameter"

    variable: str

    @property
    def read(self) -> Verb:
        """Read the value at run time; ask once and keep it, e.g. with Powertools' ``get_parameter``."""
        return Verb(part=self, name="read", actions=("ssm:GetParameter",))


PART = Parameter
