"""A recorded release as one side of a comparison: its templates from the bucket, its zips when somebody asks for them.

Unlike ``restore`` it wants nothing deployed, so it reads no more than it must and does without zips that are gone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tapgen import naming
from tapgen.aws import objects
from tapgen.diff.side import Side
from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from tapgen.deploy.context import Context
    from tapgen.deploy.deployment import Deployment
    from tapgen.ledger.record import Record


def read_side(context: Context, deployment: Deployment, record: Record, *, label: str) -> Side:
    """The side of a recorded release.

    Raises:
        RefusedError: Its templates are gone from the bucket, or are not what was recorded.
    """
    client, intent = context.aws.client("s3"), record.intent
    bodies = objects.read_objects(client, deployment.bucket, [file.key for file in intent.templates])
    missing = [file for file in intent.templates if naming.digest_of(bodies.get(file.key, b"")) != file.digest]
    if missing:
        raise RefusedError(
            f"release {record.sequence} ({record.release_id}) cannot be compared",
            why="\n".join(
                ["templates are gone:", *(f"s3://{deployment.artifact_bucket}/{file.key}" for file in missing)]
            ),
            hint="S3 keeps deleted versions for 30 days: restore them there, or compare with its commit",
            code="artifacts-gone",
        )
    keys = {file.name: file.key for file in intent.artifacts}

    def read_artifact(name: str) -> bytes | None:
        stored = objects.read_object(client, deployment.bucket, keys[name])
        return stored.body if stored else None

    return Side(
        label=label,
        templates={file.name: json.loads(bodies[file.key]) for file in intent.templates},
        tags=intent.settings.get("tags", {}),
        artifacts={file.name: file.digest for file in intent.artifacts},
        read_artifact=read_artifact,
    )
