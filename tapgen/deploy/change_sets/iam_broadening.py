"""Does a release let anybody do more than the live one? Whoever wants that says so, and the record keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import RefusedError
from tapgen.gates.templates import stacks_of
from tapgen.iam.delta import compare_releases
from tapgen.ledger.consents import Broadening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.state.live_templates import Baseline
    from tapgen.engine.context import Context
    from tapgen.iam.delta import RoleGrant

_SHOWN = 8


def check_broadening(context: Context, request: DeployRequest, baseline: Baseline) -> Broadening | None:
    """What the record says of grants that are allowed on purpose; None when roles may do no more than before.

    Args:
        context: Clients.
        request: What is deployed.
        baseline: What is live; nothing is compared with a first deploy.

    Raises:
        RefusedError: Roles would be let do more, and nobody allowed it.
    """
    if not baseline.has_release:
        return None
    added = compare_releases(baseline.templates, stacks_of(request.rendered)).added
    if not added:
        return None
    if not request.allowances.broadening:
        raise _refusal(request, added)
    return Broadening(allowed_by=context.aws.identity().arn, grants=tuple(_text(grant) for grant in added))


def _refusal(request: DeployRequest, added: Sequence[RoleGrant]) -> RefusedError:
    lines = [_text(grant) for grant in added[:_SHOWN]]
    more = [f"… and {len(added) - _SHOWN} more"] if len(added) > _SHOWN else []
    return RefusedError(
        f"{request.rendered.deployment} would let somebody do more than the live release does",
        why="\n".join([*lines, *more]),
        hint="read `tapgen iam diff`, then say --allow-broadening if that is meant; the record keeps who did",
        code="broadening",
    )


def _text(grant: RoleGrant) -> str:
    return f"{grant.role}: {grant.action} on {grant.resource} {grant.condition}".rstrip()
