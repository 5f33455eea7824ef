"""What the embedded AWS has authorised, read from outside: who asked for which action on which resource.

Imports neither MiniStack nor an AWS SDK.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from tapgen.errors import LocalError
from tapgen.local.record import AUTHORIZATIONS_PATH

SERVICE_SESSION = ".amazonaws.com"
"""How the session's name ends when a service uses a role for itself."""

_TIMEOUT_S = 30


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """One decision of IAM."""

    principal: str
    """The role's or the user's name; a role's session counts as the role."""
    action: str
    """``dynamodb:PutItem``."""
    resource: str
    """An ARN, or ``*`` where the action has no resource."""
    allowed: bool
    by_service: bool = False
    """A service of AWS used the role for itself: to read a queue, say. No code of the role's function did."""


@dataclass
class AuthorizationLog:
    """The decisions of one embedded AWS, read piece by piece.

    Args:
        endpoint_url: ``LocalStatus.endpoint_url``.
    """

    endpoint_url: str

    def mark(self) -> int:
        """A place in the log: the decisions after it are still to come."""
        return int(self._read(_FAR)["next"])

    def since(self, mark: int) -> list[Authorization]:
        """Every decision since ``mark``, the oldest first.

        Raises:
            LocalError: So many were made that the oldest are forgotten.
        """
        entries = self._read(mark)["entries"]
        if entries and entries[0][0] != mark:
            raise LocalError(
                "the embedded AWS has forgotten authorizations",
                why=f"they were asked for from number {mark} on, and the oldest left is {entries[0][0]}",
                hint="look more often",
                code="local-authorizations-lost",
            )
        return [
            Authorization(
                principal=principal_name(arn),
                action=action,
                resource=resource,
                allowed=allowed,
                by_service=arn.endswith(SERVICE_SESSION),
            )
            for _, arn, action, resource, allowed in entries
        ]

    def _read(self, since: int) -> dict[str, Any]:
        url = f"{self.endpoint_url}{AUTHORIZATIONS_PATH}?since={since}"
        # The shell's proxies do not lead to this machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(url, timeout=_TIMEOUT_S) as answer:
            document: dict[str, Any] = json.load(answer)
        return document


_FAR = 1 << 60


def principal_name(arn: str) -> str:
    """``…:assumed-role/NAME/session`` → ``NAME``; the last segment of any other ARN."""
    parts = arn.rpartition(":")[2].split("/")
    return parts[1] if parts[0] == "assumed-role" else parts[-1]
