"""Looks at a Lambda alias: which version it means, and which share of the traffic goes to another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.aws.session import Aws


@dataclass(frozen=True, kw_only=True)
class AliasState:
    """Where an alias sends its traffic."""

    version: str
    """The version that gets what no other one gets."""
    weights: Mapping[str, float]
    """Share, 0 to 1, of each additional version; empty outside a shift."""


def read_alias(aws: Aws, *, function: str, alias: str) -> AliasState:
    """The alias as it is now (one call)."""
    with translated(f"look at the alias {alias} of {function}"):
        found = aws.client("lambda").get_alias(FunctionName=function, Name=alias)
    weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return AliasState(version=found["FunctionVersion"], weights=dict(weights))
