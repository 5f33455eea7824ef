"""Does a release let anybody do more than the live one? Whoever wants that says so, and the record keeps it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.deploy.deployment import deployment_of
from tapgen.deploy.preflight import RELEASE_PARAMETER
from tapgen.deploy.restore import restore
from tapgen.errors import RefusedError
from tapgen.iam.delta import compare_releases
from tapgen.ledger.history import find_live

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tapgen.deploy.context import Context
    from tapgen.deploy.request import DeployRequest
    from tapgen.iam.delta import RoleGrant
    from tapgen.ledger.record import Record
    from tapgen.model import RenderedTemplate, StackState

_SHOWN = 8
_EMPTY = "REVIEW_IN_PROGRESS"
"""A stack that was never executed: nothing is live."""


def check_broadening(
    context: Context, request: DeployRequest, state: StackState | None, recent: Sequence[Record]
) -> Mapping[str, Any] | None:
    """What the record says of grants that are allowed on purpose; None when roles may do no more than before.

    Args:
        context: Clients.
        request: What is deployed.
        state: The root stack as it is; None when there is none.
        recent: The newest records. Without any record of the live release, the listener is warned.

    Raises:
        RefusedError: Roles would be let do more, and nobody allowed it.
    """
    if state is None or state.status == _EMPTY:
        return None
    live = _find_live(context, request, state, recent)
    if live is None:
        context.warn(
            "what may be done is not compared with the live release: there is no record of it",
            hint=f"`tapgen iam show` says what the roles of {request.rendered.deployment} may do",
        )
        return None
    try:
        before = restore(context, deployment_of(request.rendered), live, gradual=True).templates
    except RefusedError as error:
        context.warn(f"what may be done is not compared with the live release: {error.what}")
        return None
    added = compare_releases(_documents(before), _documents(request.rendered.templates)).added
    if not added:
        return None
    if not request.allow_broadening:
        raise _refusal(request, added)
    return {"allowed_by": context.aws.identity().arn, "grants": [_text(grant) for grant in added]}


def _find_live(context: Context, request: DeployRequest, state: StackState, recent: Sequence[Record]) -> Record | None:
    """The live release's record: mostly among the newest, and before them when deploys have failed since."""
    live_id = state.parameters.get(RELEASE_PARAMETER, "")
    if not live_id:
        return None
    return find_live(recent, live_id) or find_live(deployment_of(request.rendered).ledger(context).read_all(), live_id)


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


def _documents(templates: Iterable[RenderedTemplate]) -> list[Any]:
    return [json.loads(template.body) for template in templates]
