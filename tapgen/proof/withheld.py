"""What CloudFormation's handlers call in some updates, and its role may not on purpose.

A proof expects these refusals: each has the reason why an update that needs it must fail. Pure.
"""

from __future__ import annotations

WITHHELD = {
    "iam:DeleteRolePermissionsBoundary": "a role of the service without its boundary could do anything",
    "kms:DisableKeyRotation": "the key of the service rotates, always",
}
"""Action → why the role must not have it."""
