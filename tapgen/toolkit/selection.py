"""Which deployment is meant, and how AWS is reached: what every operation begins with. Values alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which deployment an operation is about, and how to reach AWS."""

    environment: str
    suffix: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    @property
    def label(self) -> str:
        """``prod``, ``dev-pr-42``: of the deployment, before its names are known."""
        return f"{self.environment}-{self.suffix}" if self.suffix else self.environment

    @property
    def options(self) -> str:
        """``--env X [--suffix Y]``: how commands in hints name it."""
        return f"--env {self.environment}" + (f" --suffix {self.suffix}" if self.suffix else "")
