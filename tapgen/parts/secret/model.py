"""A secret as a user writes it, and its verb. No template and no variable ever holds its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.part import Part, Verb


@dataclass(frozen=True, kw_only=True)
class Secret(Part):
    """A secret of Secrets Manager."""

    kind: ClassVar[str] = "secret"

    generated_length: int | None = None
    """Characters of a password that Secrets Manager makes up; None leaves the secret empty until somebody sets it."""
    variable: str

    @property
    def read(self) -> Verb:
        """Read the value at run time; ask once and keep it, e.g. with Powertools' ``get_secret``."""
        return Verb(part=self, name="read", actions=("secretsmanager:GetSecretValue",))


PART = Secret
