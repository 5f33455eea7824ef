"""What a deploy of the project is asked for: what `deploy`, `plan` and `watch` make of the project and its options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.cli.release_options import Terms
    from tapgen.cli.wiring import Wiring
    from tapgen.deploy.records.markers import FileMarker
    from tapgen.deploy.request import DeployRequest
    from tapgen.engine.context import Context
    from tapgen.iam.needs import Needs
    from tapgen.model import Rendered


def make_request(wiring: Wiring, context: Context, terms: Terms) -> DeployRequest:
    """What a deploy of the project is asked for; nobody has confirmed it."""
    from tapgen.cli.bootstrap_request import bootstrap_local
    from tapgen.cli.probes import make_probes
    from tapgen.cli.source import read_source
    from tapgen.deploy.records.release_record import Purpose
    from tapgen.deploy.request import DeployRequest

    rendered = wiring.rendered
    return DeployRequest(
        rendered=rendered,
        confirm=lambda _: False,
        create_bucket=(lambda: bootstrap_local(wiring, context)) if wiring.is_local else None,
        bootstrap_stack=wiring.names.bootstrap_stack,
        needs=lambda: read_needs(wiring, rendered),
        probes=make_probes(wiring, context, rendered.shift, root_stack=rendered.root_stack),
        marker=make_marker(wiring, rendered.deployment),
        purpose=lambda: Purpose(source=read_source(wiring.app.project)),
        allowances=terms.allowances,
        break_glass=terms.break_glass,
        role_arn=terms.role_arn,
        wait=terms.wait,
    )


def read_needs(wiring: Wiring, rendered: Rendered) -> Needs:
    """What a release needs bootstrap to have made."""
    from tapgen.templates.blueprint import needs_of

    return needs_of(wiring.environment, [json.loads(template.body) for template in rendered.templates])


def make_marker(wiring: Wiring, deployment: str) -> FileMarker:
    """What remembers on this machine that a release of the deployment was begun."""
    from tapgen.deploy.records.markers import FileMarker, unsettled_folder

    return FileMarker(unsettled_folder(wiring.app.project) / deployment)
