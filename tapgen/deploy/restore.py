"""A recorded release, brought back from the artifact bucket: nothing is rendered, nothing is built."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from tapgen import naming
from tapgen.aws import objects, storage
from tapgen.errors import RefusedError
from tapgen.model import Rendered, RenderedTemplate, ShiftPolicy

if TYPE_CHECKING:
    from tapgen.deploy.context import Context
    from tapgen.deploy.deployment import Deployment
    from tapgen.ledger.record import Record, StoredFile


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
    bodies = _read_templates(context, deployment, record)
    root = json.loads(bodies["root"])
    parameters = {name: value for name, value in intent.parameters.items() if name not in naming.OPERATION_PARAMETERS}
    if naming.SHIFT_PARAMETER in root.get("Parameters", {}) and not gradual:
        parameters[naming.SHIFT_PARAMETER] = naming.SHIFT_ALL_AT_ONCE
    templates = tuple(
        RenderedTemplate(
            stack=file.name,
            body=bodies[file.name],
            digest=file.digest,
            resource_count=len(json.loads(bodies[file.name])["Resources"]),
        )
        for file in intent.templates
    )
    # What a later release of tapgen records beside these is no field of ours.
    known = {item.name for item in dataclasses.fields(Rendered)}
    settings = {name: value for name, value in intent.settings.items() if name in known}
    return Rendered(
        **settings
        | {
            "shift": ShiftPolicy(**settings["shift"]),
            "parameters": parameters,
            "templates": templates,
            # Only uploading reads the zips, and they are there.
            "artifacts": (),
        }
    )


def _read_templates(context: Context, deployment: Deployment, record: Record) -> dict[str, bytes]:
    client, intent = context.aws.client("s3"), record.intent
    found = objects.read_objects(client, deployment.bucket, [file.key for file in intent.templates])
    missing = [file for file in intent.templates if not _is_intact(file, found.get(file.key))]
    missing += [file for file in intent.artifacts if not storage.object_exists(client, deployment.bucket, file.key)]
    if missing:
        raise RefusedError(
            f"release {record.sequence} ({record.release_id}) cannot be restored: {len(missing)} of its files are gone",
            why="\n".join(f"s3://{deployment.artifact_bucket}/{file.key}" for file in missing),
            hint=("S3 keeps deleted versions for 30 days: restore them there, or check its commit out and deploy that"),
            code="artifacts-gone",
        )
    return {file.name: found[file.key] for file in intent.templates}


def _is_intact(file: StoredFile, body: bytes | None) -> bool:
    return body is not None and naming.digest_of(body) == file.digest
