"""A sealed plan on a page: what it would do, who made it, and what it is bound to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.plans.document import SealedPlan

_BYTES = {"template", "artifact"}


def plan_page(plan: SealedPlan) -> Iterator[str]:
    """Everything that whoever approves it wants to see."""
    yield table((), list(_head(plan)))
    yield ""
    yield "changes"
    yield from (f"  {line}" for line in plan.plan.changes)
    yield ""
    yield "bound to"
    for kind, values in plan.bound.items():
        if kind in _BYTES:
            yield f"  {kind}: {len(values)} files by their bytes"
        else:
            yield from (f"  {kind} {name}: {value}" for name, value in values.items())


def _head(plan: SealedPlan) -> Iterator[tuple[str, str]]:
    intent, settings = plan.intent, plan.settings
    yield "deployment", f"{settings['deployment']} in {settings['account_id']}, {settings['region']}"
    yield "release", f"{intent.release_id}  #{intent.sequence}"
    yield "made by", f"{intent.who} on {intent.host}, {intent.tool}"
    if intent.source:
        yield "commit", intent.source.commit + (" with uncommitted changes" if intent.source.dirty else "")
    yield "made", f"{plan.plan.created_at:%Y-%m-%d %H:%M:%S} UTC"
    yield "expires", f"{plan.expires_at:%Y-%m-%d %H:%M:%S} UTC"
    if intent.break_glass:
        yield "break glass", f"{intent.break_glass.reason} ({', '.join(intent.break_glass.alarms)})"
    for grant in intent.broadening.grants if intent.broadening else ():
        yield "may do more", grant
    yield "seal", plan.seal
