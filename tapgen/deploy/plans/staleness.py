"""What is not as it was when a plan was made. Pure: no calls, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tapgen.deploy.plans.document import Bound, SealedPlan

RELEASE, STACK, PARAMETER, TAG, ALIAS, GUARD = "release", "stack", "parameter", "tag", "alias", "guard"
TEMPLATE, ARTIFACT, CHANGE_SET = "template", "artifact", "change set"

# In the order in which they explain one another: a stack that moved has lost its change sets, too.
_CODES = {
    RELEASE: "plan-stale",
    STACK: "plan-stale",
    PARAMETER: "plan-stale",
    TAG: "plan-stale",
    ALIAS: "plan-stale",
    GUARD: "plan-guard",
    TEMPLATE: "plan-template",
    ARTIFACT: "plan-artifact",
    CHANGE_SET: "plan-change-set",
}
AVAILABLE = "CREATE_COMPLETE AVAILABLE"
"""How the status of a change set reads that can be executed."""
_RED = "ALARM"
_ABSENT = "absent"
# AWS's services do not share one clock, and a Date header counts whole seconds.
_SKEW = timedelta(minutes=5)
_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Move:
    """One thing that is another one now."""

    kind: str
    name: str
    planned: str
    now: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: was {self.planned}, is {self.now}"


def find_moves(planned: Bound, now: Bound) -> Iterator[Move]:
    """Everything that differs, the first causes first.

    A guard has moved when it is in ALARM and was not, or the other way round: OK and INSUFFICIENT_DATA count alike.
    """
    for kind in _CODES:
        before, after = planned.get(kind, {}), now.get(kind, {})
        for name in sorted({*before, *after}):
            old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
            if kind == GUARD and _ABSENT not in (old, new):
                old, new = (state if state == _RED else f"not {_RED}" for state in (old, new))
            if old != new:
                yield Move(kind=kind, name=name, planned=old, now=new)


def require_unmoved(plan: SealedPlan, now: Bound) -> None:
    """Go on only when everything is as it was.

    Raises:
        RefusedError: What moved, each with both values.
    """
    moves = list(find_moves(plan.bound, now))
    if not moves:
        return
    more = [f"… and {len(moves) - _SHOWN} more"] if len(moves) > _SHOWN else []
    raise RefusedError(
        "the plan is stale: it was made against something else than what is there now",
        why="\n".join([*map(str, moves[:_SHOWN]), *more]),
        hint=f"make another plan: `tapgen plan --env {plan.settings['environment']} -o FILE`",
        code=_CODES[moves[0].kind],
    )


def require_timely(plan: SealedPlan, now: datetime) -> None:
    """Go on only while the plan is valid.

    Args:
        plan: Its time is CloudFormation's, of the change set.
        now: By AWS's clock.

    Raises:
        RefusedError: It has expired, or was made in the future.
    """
    made = plan.plan.created_at
    hint = f"make another plan: `tapgen plan --env {plan.settings['environment']} -o FILE`"
    if made - now > _SKEW:
        raise RefusedError(
            "the plan was made in the future",
            why=f"its change set is of {made:%Y-%m-%d %H:%M:%S} UTC, AWS's clock says {now:%Y-%m-%d %H:%M:%S} UTC",
            hint=hint,
            code="plan-clock",
        )
    if now >= plan.expires_at:
        raise RefusedError(
            f"the plan has expired at {plan.expires_at:%Y-%m-%d %H:%M:%S} UTC",
            why=f"it is {now:%Y-%m-%d %H:%M:%S} UTC by AWS's clock",
            hint=hint,
            code="plan-expired",
        )
