"""Where the synthetic callers of a shift get the API's address and what they show it."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Literal

from tapgen.aws import stacks
from tapgen.aws.api_transport import invoke_alias
from tapgen.aws.http_api import ApiCaller, BearerAuthorization, IamAuthorization, no_authorization
from tapgen.deploy.probes import SYNTHETIC_USER, ProbeAccess, Probes
from tapgen.naming import LIVE_ALIAS, Names
from tapgen.service.tried import tried_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.aws.session import Aws
    from tapgen.engine.context import Context
    from tapgen.events import Result
    from tapgen.model import ShiftPolicy
    from tapgen.toolkit.workspace import Workspace

TOKEN_VARIABLE = "TAPGEN_PROBE_TOKEN"  # noqa: S105 - the variable's name
"""Environment variable with the bearer token that probes show an API with JWT authorization."""


def make_probes(
    workspace: Workspace, context: Context, policy: ShiftPolicy, *, root_stack: str
) -> Callable[[], Probes | None]:
    """A maker of the probes of one operation; it answers None, and says so, where they cannot be authorised."""

    def make() -> Probes | None:
        state = stacks.describe_stack(context.aws.client("cloudformation"), root_stack)
        if state is None or not state.outputs:
            # The first deploy has nothing to shift from, and so nobody to probe.
            return None
        outputs = workspace.local_outputs(state.outputs)
        url = outputs.get("LocalApiUrl") or outputs.get("ApiUrl")
        access = _access(context, policy, url) if url else None
        names = Names(workspace.environment)
        tried = [each for each in tried_of(workspace.environment.service) if each.journey.calls_for("probe")]
        asking = [each.journey for each in tried if each.routes and access]
        invoked = [
            (each.journey, invoke_alias(context.aws, names.function(each.function), alias=LIVE_ALIAS))
            for each in tried
            if not each.routes
        ]
        if not asking and not invoked:
            context.warn(
                "no probes are sent: no journey asks for anything",
                code="probes-without-journey",
                hint="see `tapgen guide journeys`",
            )
            return None
        return Probes(context, access, journeys=asking, invoked=invoked, per_min=policy.probes_per_min)

    return make


def watch_on(
    workspace: Workspace, context: Context, policy: ShiftPolicy, result: Result, *, probes: Callable[[], Probes | None]
) -> Result:
    """The result, after what the policy wants of a shift that proved nothing and got all traffic."""
    if not result.shifts:
        return result
    from tapgen.deploy.rollback.extended_watch import ExtendedWatch, extend_watch, find_unproven

    if find_unproven(result, policy) is None:
        return result
    return extend_watch(context, ExtendedWatch(deployment=workspace.deployment, policy=policy, probes=probes), result)


def subject_of(token: str) -> str:
    """The ``sub`` claim of a JSON web token, or the synthetic user; API Gateway verifies what is only read here."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return SYNTHETIC_USER
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) and subject else SYNTHETIC_USER


def authorize(aws: Aws, authorization: Literal["NONE", "IAM", "JWT"], url: str) -> ProbeAccess | None:
    """How a synthetic caller reaches the API; None when it wants a token and there is none."""
    if authorization == "NONE":
        return ProbeAccess(caller=ApiCaller(url, no_authorization))
    if authorization == "IAM":
        return ProbeAccess(caller=ApiCaller(url, IamAuthorization(aws)))
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        return None
    subject = subject_of(token)
    return ProbeAccess(caller=ApiCaller(url, BearerAuthorization(token)), user=subject, subject=subject)


def _access(context: Context, policy: ShiftPolicy, url: str) -> ProbeAccess | None:
    access = authorize(context.aws, policy.authorization, url)
    if access is None:
        context.warn(
            "no probes are sent: the API wants a JWT",
            hint=f"put one into {TOKEN_VARIABLE}; it needs to live as long as the shift",
            code="probes-unauthorized",
        )
    return access
