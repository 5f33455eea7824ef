"""A service that sends messages to a queue: the queue's policy admits it, and the key's policy lets it encrypt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sends what to which queue."""

    queue: Any
    """The queue's part."""
    principal: str
    """``sns.amazonaws.com``."""
    source_arn: Any
    """On whose behalf: the ARN of a topic or a rule."""
