"""Makes a plan: everything that a deploy does before its execution, and then a seal on what that was made against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tapgen.deploy.plans import staleness
from tapgen.deploy.plans.document import SealedPlan, seal_plan
from tapgen.deploy.plans.preconditions import bind
from tapgen.deploy.records.release_record import plan_of
from tapgen.deploy.release.deploy import deploy
from tapgen.engine.deployment import deployment_of
from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from datetime import timedelta

    from tapgen.deploy.plans.document import Bound
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.events import Result
    from tapgen.ledger.record import Intent
    from tapgen.model import ChangeSet


@dataclass(kw_only=True)
class _Sealer:
    """Seals the change set while the lock is still held, and keeps the file."""

    context: Context
    request: DeployRequest
    expires_in: timedelta
    file: bytes = field(default=b"")

    def __call__(self, intent: Intent, change_set: ChangeSet) -> str:
        deployment = deployment_of(self.request.rendered)
        with self.context.step("seal", "Reading what the plan is made against") as step:
            bound = bind(self.context, deployment, intent, change_set_id=change_set.change_set_id, kind=change_set.kind)
            _require_executable(bound)
            plan = SealedPlan(
                intent=intent,
                plan=plan_of(change_set),
                bound=bound,
                expires_at=change_set.created_at + self.expires_in,
            )
            sealed, self.file = seal_plan(plan)
            step.text = f"Sealed; it expires at {sealed.expires_at:%Y-%m-%d %H:%M:%S} UTC"
        return sealed.seal


def _require_executable(bound: Bound) -> None:
    status = bound[staleness.CHANGE_SET].get("status", "gone")
    if status != staleness.AVAILABLE:
        raise RefusedError(
            "the stack moved while the plan was made",
            why=f"its change set is {status}",
            hint="somebody else works on the stack; make the plan again when that is over",
            code="stack-moved",
        )


def make_plan(context: Context, request: DeployRequest, *, expires_in: timedelta) -> tuple[Result, bytes]:
    """Make the change set of a release, leave it in place, and seal it.

    Args:
        context: Clients.
        request: What a deploy would be asked for.
        expires_in: How long the plan may be executed.

    Returns:
        ``prepared`` and the file; ``unchanged`` and nothing when there is nothing to deploy.

    Raises:
        CredentialsError, RefusedError, AttentionError: As a deploy.
    """
    sealer = _Sealer(context=context, request=request, expires_in=expires_in)
    result = deploy(context, replace(request, execute=False, seal=sealer))
    return replace(result, operation="plan"), sealer.file
