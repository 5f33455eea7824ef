"""Who gets a role of its own: what the security stack makes one for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awacs.aws import PolicyDocument

    from tapgen.elements.wiring import Value


@dataclass(frozen=True, kw_only=True)
class RoleHolder:
    """Who gets a role."""

    value: Value
    """The role's ARN, as other stacks take it."""
    role_name: str
    service: str
    """``lambda``, ``codedeploy``, ``scheduler``: who assumes it."""
    policy: PolicyDocument
