"""Where the calls of one set of clients go, and as whom. A value; nothing is opened here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where calls go and as whom; ``None`` leaves a value to botocore's own resolution."""

    region: str
    profile: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None

    @property
    def self_contained(self) -> bool:
        """Whether it needs nothing of the shell's settings: it has keys, and an endpoint that only an emulator has.

        AWS's own endpoints, private ones included, are called by TLS here.
        """
        return self.access_key_id is not None and str(self.endpoint_url).startswith("http://")
