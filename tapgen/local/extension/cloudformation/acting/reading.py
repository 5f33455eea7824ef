"""The shape of one reading: actions of a type's handlers that are for some properties alone."""

from __future__ import annotations

from dataclasses import dataclass

USES_KEY = "KMS developer guide, 'Permissions for AWS services in key policies': a key is used where one is named"
PASSES_ROLE = "IAM user guide, 'Grant a user permissions to pass a role': a role is passed where one is named"


@dataclass(frozen=True)
class Reading:
    """Actions of one type's handlers that depend on properties.

    Attributes:
        type: The resource type.
        actions: By service: ``s3:GetBucketAcl PutBucketAcl``.
        properties: At any depth; with none of them the actions are never called.
        source: AWS's documentation, or why the schema says more than the type can ask for.
    """

    type: str
    actions: str
    properties: tuple[str, ...]
    source: str

    @property
    def named(self) -> tuple[str, ...]:
        """``s3:GetBucketAcl`` …"""
        service, _, names = self.actions.partition(":")
        return tuple(f"{service}:{name}" for name in names.split())
