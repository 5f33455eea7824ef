"""Where a stack is: account, region and partition, as ARNs have them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a stack is."""

    account: str
    region: str
    partition: str = "aws"

    @property
    def names(self) -> dict[str, str]:
        """As placeholders."""
        return {"Partition": self.partition, "Region": self.region, "Account": self.account}
