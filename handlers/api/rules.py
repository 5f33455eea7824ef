"""What the environments differ in, as the function sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What an environment asks of its callers.

    Attributes:
        authorization: NONE, IAM or JWT; who a JWT speaks for is checked here, the rest is API Gateway's.
        require_if_match: PUT and DELETE need a precondition.
    """

    authorization: str
    require_if_match: bool = False
