"""A bucket as a user writes it, and its verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tapgen.parts.part import Part, Verb
from tapgen.parts.source import Source

if TYPE_CHECKING:
    from tapgen.parts.queue.model import Queue


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

    def objects(self, keys: str = "*", *, on_failure: Queue | None = None, logical_id: str | None = None) -> Objects:
        """New objects whose keys fit the pattern (``uploads/*``) as an event source.

        S3 tells through EventBridge: a notification of the bucket itself needs the function's permission before the
        bucket, which comes first here (S3 user guide, "Using EventBridge").
        """
        return Objects(part=self, keys=keys, on_failure=on_failure, logical_id=logical_id)

    @property
    def list(self) -> Verb:
        """List keys; a read of a missing object answers 404 with it, and 403 without."""
        return Verb(part=self, name="list", actions=("s3:ListBucket",))


@dataclass(frozen=True, kw_only=True)
class Objects(Source):
    """New objects of a bucket: S3 tells EventBridge, which invokes the function."""

    what: ClassVar[str] = "objects"

    keys: str
    on_failure: Queue | None


PART = Bucket
