"""A secret's first value is generated where the service says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.made import made
from tapgen.parts.secret.model import Secret

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for part, secret in made(templates, Secret, "AWS::SecretsManager::Secret", name_property="Name"):
        generated = part.generated_length or None
        wanted = {
            "GenerateSecretString.PasswordLength": generated,
            "GenerateSecretString.ExcludePunctuation": True if generated else None,
            "SecretString": None,
        }
        yield from differences(secret, wanted)


RULE = Rule(
    id="secret-values",
    holds="A secret has no value in a template; where the service says so, Secrets Manager generates it, as long "
    "as it says.",
    why="What stands in a template is read by everybody who may read the stack.",
    source='Secrets Manager user guide, "Best practices"',
    find=_find,
)
