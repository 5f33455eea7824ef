"""What is known of a resource that exists, in the words of a template. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Existing:
    """A resource as its service describes it.

    Attributes:
        identifier: How an import names it: ``{"TableName": …}``.
        physical_id: What CloudFormation calls it once it is in a stack.
        name: Its name; a key's is its id.
        properties: What was read, as a template has it. A property that is off or empty is left out.
        covered: Every property that was looked at; of others nothing is known.
        key_arn: The customer's key that encrypts it; empty for AWS's own.
        policy: A bucket's policy; None without one.
    """

    identifier: Mapping[str, str]
    physical_id: str
    name: str
    properties: Mapping[str, Any]
    covered: frozenset[str]
    key_arn: str = ""
    policy: Mapping[str, Any] | None = field(default=None)
