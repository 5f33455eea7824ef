"""What a deploy of the project is asked for: what `deploy`, `plan` and `watch` make of the project and its options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.deploy.records.markers import FileMarker
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.iam.needs import Needs
    from tapgen.model import Rendered
    from tapgen.toolkit.terms import Terms
    from tapgen.toolkit.workspace import Workspace


def make_request(workspace: Workspace, context: Context, terms: Terms) -> DeployRequest:
    """What a deploy of the project is asked for; nobody has confirmed it."""
    from tapgen.deploy.records.release_record import Purpose
    from tapgen.deploy.request import DeployRequest
    from tapgen.toolkit.bootstrap_request import bootstrap_local
    from tapgen.toolkit.probes import make_probes
    from tapgen.toolkit.source import read_source

    rendered = workspace.rendered
    return DeployRequest(
        rendered=rendered,
        confirm=lambda _: False,
        create_bucket=(lambda: bootstrap_local(workspace, context)) if workspace.is_local else None,
        bootstrap_stack=workspace.names.bootstrap_stack,
        needs=lambda: read_needs(workspace, rendered),
        probes=make_probes(workspace, context, rendered.shift, root_stack=rendered.root_stack),
        marker=make_marker(workspace, rendered.deployment),
        purpose=lambda: Purpose(source=read_source(workspace.project.folder)),
        allowances=terms.allowances,
        break_glass=terms.break_glass,
        role_arn=terms.role_arn,
        wait=terms.wait,
    )


def read_needs(workspace: Workspace, rendered: Rendered) -> Needs:
    """What a release needs bootstrap to have made."""
    from tapgen.templates.blueprint import needs_of

    return needs_of(workspace.environment, [json.loads(template.body) for template in rendered.templates])


def make_marker(workspace: Workspace, deployment: str) -> FileMarker:
    """What remembers on this machine that a release of the deployment was begun."""
    from tapgen.deploy.records.markers import FileMarker, unsettled_folder

    return FileMarker(unsettled_folder(workspace.project.folder) / deployment)
