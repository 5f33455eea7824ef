"""A recorded release, read back from the artifact bucket: its templates, and its zips when somebody asks for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.aws import objects
from tapgen.diff.side import Side, parse_templates
from tapgen.errors import RefusedError
from tapgen.model import RenderedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Intent, StoredFile


def read_side(context: Context, deployment: Deployment, intent: Intent, *, label: str) -> Side:
    """The release as one side of a comparison. Wants nothing deployed, and does without zips that are gone.

    Raises:
        RefusedError: Its templates are gone from the bucket, or are not what was recorded.
    """
    return make_side(context, deployment, intent, read_templates(context, deployment, intent), label=label)


def make_side(
    context: Context,
    deployment: Deployment,
    intent: Intent,
    templates: tuple[RenderedTemplate, ...],
    *,
    label: str,
) -> Side:
    """The same with its templates at hand."""
    keys = {file.name: file.key for file in intent.artifacts}

    def read_artifact(name: str) -> bytes | None:
        stored = objects.read_object(context.aws.client("s3"), deployment.bucket, keys[name])
        return stored.body if stored else None

    return Side(
        label=label,
        templates=parse_templates(templates),
        tags=intent.settings.get("tags", {}),
        artifacts={file.name: file.digest for file in intent.artifacts},
        read_artifact=read_artifact,
    )


def read_templates(context: Context, deployment: Deployment, intent: Intent) -> tuple[RenderedTemplate, ...]:
    """The release's templates.

    Raises:
        RefusedError: They are gone from the bucket, or are not what was recorded.
    """
    bodies = read_intact(context, deployment, intent.templates)
    gone = [file for file in intent.templates if file.key not in bodies]
    if gone:
        raise files_gone(deployment, intent, gone, purpose="compared", instead="compare with its commit")
    return rendered_templates(intent, bodies)


def read_intact(context: Context, deployment: Deployment, files: Iterable[StoredFile]) -> dict[str, bytes]:
    """The bodies of those files that are there as they were recorded, by key."""
    digests = {file.key: file.digest for file in files}
    found = objects.read_objects(context.aws.client("s3"), deployment.bucket, list(digests))
    return {key: body for key, body in found.items() if object_keys.digest_of(body) == digests[key]}


def rendered_templates(intent: Intent, bodies: Mapping[str, bytes]) -> tuple[RenderedTemplate, ...]:
    """The release's templates, as rendering made them."""
    return tuple(
        RenderedTemplate(
            stack=file.name,
            body=bodies[file.key],
            digest=file.digest,
            resource_count=len(json.loads(bodies[file.key])["Resources"]),
        )
        for file in intent.templates
    )


def files_gone(
    deployment: Deployment, intent: Intent, gone: Iterable[StoredFile], *, purpose: str, instead: str
) -> RefusedError:
    """The refusal that names files which are gone, or are not what was recorded."""
    places = [f"s3://{deployment.artifact_bucket}/{file.key}" for file in gone]
    return RefusedError(
        f"release {intent.sequence} ({intent.release_id}) cannot be {purpose}: {len(places)} of its files are gone",
        why="\n".join(places),
        hint=f"S3 keeps deleted versions for 30 days: restore them there, or {instead}",
        code="artifacts-gone",
    )
