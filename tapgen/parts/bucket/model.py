"""A bucket as a user writes it, and its verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tapgen.parts.part import Part, Verb


@dataclass(frozen=True, kw_only=True)
class Bucket(Part):
    """A private, versioned, encrypted S3 bucket."""

    kind: ClassVar[str] = "bucket"

    access_logs: bool = True
    """Whether S3 logs each request to it."""
    variable: str

    def get(self, keys: str = "*") -> Verb:
        """Read the objects whose keys fit the pattern: ``daily/*``."""
        return Verb(part=self, name=f"get {keys}", actions=("s3:GetObject",), path=f"/{keys}")

    def put(self, keys: str = "*") -> Verb:
        """Write the objects whose keys fit the pattern."""
        return Verb(part=self, name=f"put {keys}", actions=("s3:PutObject",), path=f"/{keys}")

    def delete(self, keys: str = "*") -> Verb:
        """Delete the objects whose keys fit the pattern; earlier versions stay for a month."""
        return Verb(part=self, name=f"delete {keys}", actions=("s3:DeleteObject",), path=f"/{keys}")

    @property
    def list(self) -> Verb:
        """List keys; a read of a missing object answers 404 with it, and 403 without."""
        return Verb(part=self, name="list", actions=("s3:ListBucket",))


PART = Bucket
