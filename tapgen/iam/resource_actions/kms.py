"""Keys and their aliases."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::KMS::Alias",
        create="kms:CreateAlias",
        read="kms:ListAliases",
        update="kms:UpdateAlias",
        delete="kms:DeleteAlias",
    ),
    ResourceCalls(
        "AWS::KMS::Key",
        create="kms:CreateKey EnableKeyRotation PutKeyPolicy TagResource",
        read="kms:DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
        update=(
            "kms:DescribeKey EnableKeyRotation ListResourceTags PutKeyPolicy TagResource "
            "UntagResource UpdateKeyDescription"
        ),
        delete="kms:DescribeKey ScheduleKeyDeletion",
        omitted=(Omission("kms:DisableKey DisableKeyRotation EnableKey", "the key is enabled and rotates, always"),),
    ),
)
