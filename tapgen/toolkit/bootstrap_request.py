"""What a bootstrap is asked for, from the project; the embedded AWS is bootstrapped by whoever needs it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.engine.context import Context
    from tapgen.toolkit.workspace import Workspace


def bootstrap_request(environment: Environment) -> BootstrapRequest:
    """The bootstrap stack of an environment, rendered. Suffixes share it: its tags name none of them."""
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.templates.bootstrap import build_bootstrap

    return BootstrapRequest(
        environment=environment.name,
        account_id=environment.account_id,
        stack=Names(environment).bootstrap_stack,
        template_body=json.dumps(build_bootstrap(environment), sort_keys=True),
        tags=replace(environment, suffix=None).cost_tags,
    )


def bootstrap_local(workspace: Workspace, context: Context) -> None:
    """The embedded AWS bootstraps itself: nobody else uses it."""
    from tapgen.deploy.bootstrap import bootstrap

    bootstrap(context, bootstrap_request(workspace.environment))
