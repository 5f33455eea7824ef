"""Which deployment an operation is about: where its stacks, its artifacts, its records and its lock are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.storage import Bucket
from tapgen.engine.lock import LockRequest
from tapgen.ledger.store import Ledger

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.model import Rendered


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment of an environment, by its names."""

    name: str
    """``project-environment[-suffix]``."""
    environment: str
    suffix: str | None
    account_id: str
    root_stack: str
    artifact_bucket: str

    @property
    def bucket(self) -> Bucket:
        """The artifact bucket, and who must own it."""
        return Bucket(name=self.artifact_bucket, account_id=self.account_id)

    @property
    def options(self) -> str:
        """``--env X [--suffix Y]``: how commands in hints name it."""
        return f"--env {self.environment}" + (f" --suffix {self.suffix}" if self.suffix else "")

    def ledger(self, context: Context) -> Ledger:
        """Its records."""
        return Ledger(client=context.aws.client("s3"), bucket=self.bucket, deployment=self.name)

    def lock_request(self, operation: str, *, wait: bool = False) -> LockRequest:
        """What it takes to hold its lock."""
        return LockRequest(
            bucket=self.bucket, deployment=self.name, options=self.options, operation=operation, wait=wait
        )


def deployment_of(rendered: Rendered) -> Deployment:
    """The deployment that a rendered release belongs to."""
    return Deployment(
        name=rendered.deployment,
        environment=rendered.environment,
        suffix=rendered.suffix,
        account_id=rendered.account_id,
        root_stack=rendered.root_stack,
        artifact_bucket=rendered.artifact_bucket,
    )
