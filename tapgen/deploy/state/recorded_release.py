"""A recorded release, brought back from the artifact bucket: nothing is rendered, nothing is built."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from tapgen import naming
from tapgen.aws import storage
from tapgen.deploy.state.recorded_templates import files_gone, read_intact, rendered_templates
from tapgen.diff.side import ROOT
from tapgen.model import Rendered, ShiftPolicy

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Intent, Record
    from tapgen.model import RenderedTemplate


def restore(context: Context, deployment: Deployment, record: Record, *, gradual: bool) -> Rendered:
    """The release as it was rendered, its templates read back and checked against their digests.

    Args:
        context: Clients.
        deployment: Where it belongs.
        record: The release.
        gradual: Shift as the release configured it; otherwise all at once, where its templates let an operation choose.

    Raises:
        RefusedError: Templates or zips are gone from the bucket, all of them named.
    """
    intent = record.intent
    templates = _read_templates(context, deployment, intent)
    (root,) = (json.loads(template.body) for template in templates if template.stack == ROOT)
    parameters = {name: value for name, value in intent.parameters.items() if name not in naming.OPERATION_PARAMETERS}
    if naming.SHIFT_PARAMETER in root.get("Parameters", {}) and not gradual:
        parameters[naming.SHIFT_PARAMETER] = naming.SHIFT_ALL_AT_ONCE
    # What a later release of tapgen records beside these is no field of ours.
    known = {item.name for item in dataclasses.fields(Rendered)}
    settings = {name: value for name, value in intent.settings.items() if name in known}
    return Rendered(
        **settings
        | {
            "shift": recorded_policy(record.intent),
            "parameters": parameters,
            "templates": templates,
            # Only uploading reads the zips, and they are there.
            "artifacts": (),
        }
    )


def recorded_policy(intent: Intent) -> ShiftPolicy:
    """What counts as proof for a release, as it was configured; of an older record, too, which names one function."""
    settings = dict(intent.settings["shift"])
    named = settings.pop("function", None)
    functions = settings.pop("functions", [named] if named else [])
    return ShiftPolicy(functions=tuple(functions), **settings)


def _read_templates(context: Context, deployment: Deployment, intent: Intent) -> tuple[RenderedTemplate, ...]:
    client, bodies = context.aws.client("s3"), read_intact(context, deployment, intent.templates)
    gone = [file for file in intent.templates if file.key not in bodies]
    gone += [file for file in intent.artifacts if not storage.object_exists(client, deployment.bucket, file.key)]
    if gone:
        instead = "check its commit out and deploy that"
        raise files_gone(deployment, intent, gone, purpose="restored", instead=instead)
    return rendered_templates(intent, bodies)
