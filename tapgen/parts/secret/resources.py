"""A secret, without its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Tags
from troposphere.secretsmanager import GenerateSecretString, Secret

from tapgen.parts.names import physical_name

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.secret.model import Secret as SecretPart

# The scanner wants a key of the account in every environment.
_AWS_OWNED_KEY = {
    "checkov": {"skip": [{"id": "CKV_AWS_149", "comment": "AWS's own key encrypts it where the environment has none"}]}
}


def build(stack: Stack, context: Context, part: SecretPart) -> None:
    """The secret; it stays when the stack goes: others may have its value by now."""
    optional: dict[str, Any] = {}
    key = stack.take_key(context, part)
    if key:
        optional["KmsKeyId"] = key
    else:
        optional["Metadata"] = _AWS_OWNED_KEY
    if part.generated_length:
        optional["GenerateSecretString"] = GenerateSecretString(
            PasswordLength=part.generated_length, ExcludePunctuation=True
        )
    stack.add(
        Secret(
            part.logical_id,
            Name=physical_name(context.names, part),
            Description=f"{part.name} of {context.names.deployment}",
            Tags=Tags(**context.tags),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            **optional,
        )
    )
