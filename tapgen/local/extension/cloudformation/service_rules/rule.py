"""A rule of a service that no resource schema holds: its name, what it is about, where AWS says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation.resource_types import invalid_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a resource.

    Attributes:
        properties: Resolved.
        before: Those that it has; None for a new one.
        physical_id: Empty for a new one.
    """

    properties: Properties
    before: Properties | None
    physical_id: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule.

    Attributes:
        name: A word for it.
        resource_type: The type that it is about.
        source: Where AWS says so, and where its text is from when that is not AWS's documentation.
        find: Why the service refuses; empty when it does not.
        as_request: Whether the service refuses a handler's request; otherwise the text is CloudFormation's own.
    """

    name: str
    resource_type: str
    source: str
    find: Callable[[Asked], str]
    as_request: bool = True

    def refusal(self, asked: Asked) -> str:
        """What the resource's event says; empty when the rule holds."""
        reason = self.find(asked)
        return invalid_request(reason) if reason and self.as_request else reason


def number(value: Any, default: float = 0) -> float:
    """A number, which a template may carry as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return default
