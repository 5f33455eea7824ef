"""Checks, just before traffic may move, that aliases and guard alarms are fit for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.shifts.live_aliases import read_live_aliases
from tapgen.deploy.shifts.shift_preflight import Judgement, Reason, check_shifts, find_uncallable_hooks, plan_shifts
from tapgen.engine.deployment import deployment_of
from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.model import Rendered


def check_shift_preflight(context: Context, rendered: Rendered, *, stack_id: str, break_glass: str) -> Judgement:
    """Look at every guarded alias and go on only when its shift could end well.

    Args:
        context: Clients.
        rendered: The release.
        stack_id: Of the root stack, which exists.
        break_glass: The reason to go past a guard that is in ALARM already; empty for none.

    Raises:
        RefusedError: Every reason, each with how to fix it.
    """
    plans = plan_shifts(rendered.templates)
    aliases = read_live_aliases(context, plans, stack_id=stack_id)
    judgement = check_shifts(plans, aliases, options=deployment_of(rendered).options, break_glass=break_glass)
    uncallable = [_uncallable(hook) for hook in find_uncallable_hooks(rendered.templates, plans)]
    refusals = [*uncallable, *judgement.refusals]
    if refusals:
        raise RefusedError(
            "the shift to the new version would not end well",
            why="\n".join(dict.fromkeys(reason.text for reason in refusals)),
            hint="; ".join(dict.fromkeys(reason.hint for reason in refusals)),
            code=refusals[0].code,
        )
    return judgement


def _uncallable(hook: str) -> Reason:
    return Reason(
        code="hook-uncallable",
        text=f"CodeDeploy's service role may not invoke the hook {hook}",
        hint="name hooks CodeDeployHook_…, or allow lambda:InvokeFunction on exactly this function",
    )
