"""What a gigabyte-second of Lambda costs: the one figure that memory is weighed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# First tier in eu-west-1 and us-east-1, USD, 2026-11 (https://aws.amazon.com/lambda/pricing/).
USD_PER_GB_S: Mapping[str, float] = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
"""By architecture."""
