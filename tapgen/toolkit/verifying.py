"""What a verification looks at: the deployment of a workspace as it is, and who calls its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.http_api import ApiCaller, no_authorization
from tapgen.deploy.state.observed_state import observe
from tapgen.toolkit.probes import authorize
from tapgen.verification.deployed import Deployed
from tapgen.verification.verify import not_deployed

if TYPE_CHECKING:
    from tapgen.toolkit.workspace import Workspace


def look(workspace: Workspace) -> Deployed:
    """The deployment as it is.

    Raises:
        UsageError: Nothing is deployed.
    """
    context, deployment = workspace.silent_context, workspace.deployment
    situation = observe(context, deployment)
    has_api = workspace.environment.service.api is not None
    if situation.survey is None or (has_api and "ApiUrl" not in situation.survey.root.outputs):
        raise not_deployed(deployment.name, deployment.options)
    outputs = workspace.local_outputs(situation.survey.root.outputs)
    url = outputs.get("LocalApiUrl") or outputs.get("ApiUrl", "")
    return Deployed(
        context=context,
        deployment=deployment,
        environment=workspace.environment,
        situation=situation,
        found=situation.survey,
        stranger=ApiCaller(url, no_authorization) if url else None,
        access=authorize(context.aws, workspace.environment.api.authorization, url) if url else None,
    )
