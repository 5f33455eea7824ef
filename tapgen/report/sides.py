"""The two releases that a report compares, out of the artifact bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen import naming
from tapgen.aws import objects
from tapgen.diff.side import Side, parse_templates
from tapgen.errors import RefusedError
from tapgen.ledger.record import Intent, Reference
from tapgen.ledger.record import decode as decode_record
from tapgen.model import RenderedTemplate

if TYPE_CHECKING:
    from tapgen.deploy.context import Context
    from tapgen.deploy.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release's templates, for differences and for costs."""

    side: Side
    templates: tuple[RenderedTemplate, ...]


NOTHING = Release(side=Side(label=""), templates=())
"""Before a first deploy."""


def read_release(
    context: Context,
    deployment: Deployment,
    intent: Intent,
    *,
    templates: tuple[RenderedTemplate, ...] | None = None,
) -> Release:
    """A recorded release; its templates are read unless they are at hand, its zips when they are asked for.

    Raises:
        RefusedError: Templates are gone from the bucket.
    """
    client = context.aws.client("s3")
    if templates is None:
        templates = _read_templates(context, deployment, intent)
    keys = {file.name: file.key for file in intent.artifacts}

    def read_artifact(name: str) -> bytes | None:
        stored = objects.read_object(client, deployment.bucket, keys[name])
        return stored.body if stored else None

    return Release(
        side=Side(
            label=f"release {intent.sequence} ({intent.release_id})",
            templates=parse_templates(templates),
            tags=dict(intent.settings.get("tags", {})),
            artifacts={file.name: file.digest for file in intent.artifacts},
            read_artifact=read_artifact,
        ),
        templates=templates,
    )


def read_intent(context: Context, deployment: Deployment, reference: Reference | None) -> Intent | None:
    """The intent of another release; None when it has no record."""
    if reference is None or not reference.sequence:
        return None
    key = naming.release_key(deployment.name, reference.sequence, "intent")
    stored = objects.read_object(context.aws.client("s3"), deployment.bucket, key)
    return decode_record({"intent": stored.body}, place=key).intent if stored else None


def _read_templates(context: Context, deployment: Deployment, intent: Intent) -> tuple[RenderedTemplate, ...]:
    keys = [file.key for file in intent.templates]
    found = objects.read_objects(context.aws.client("s3"), deployment.bucket, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        raise RefusedError(
            f"templates of release {intent.sequence} are gone from the bucket", why=", ".join(missing), code="gone"
        )
    return tuple(
        RenderedTemplate(
            stack=file.name,
            body=found[file.key],
            digest=file.digest,
            resource_count=len(json.loads(found[file.key])["Resources"]),
        )
        for file in intent.templates
    )
