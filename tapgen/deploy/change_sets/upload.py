"""Brings the templates and zips of a release into the artifact bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws import storage
from tapgen.engine.deployment import deployment_of
from tapgen.events import UploadProgressed

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.model import Rendered


def _uploads(rendered: Rendered) -> list[storage.Upload]:
    templates = [
        storage.Upload(
            key=template.key, size_bytes=len(template.body), content_type="application/json", body=template.body
        )
        for template in rendered.templates
    ]
    zips = [
        storage.Upload(
            key=artifact.key, size_bytes=artifact.size_bytes, content_type="application/zip", body=artifact.path
        )
        for artifact in rendered.artifacts
    ]
    return templates + zips


def upload(context: Context, rendered: Rendered) -> None:
    """Upload what is absent; keys carry digests, so nothing is uploaded twice."""
    bucket = deployment_of(rendered).bucket
    client = context.aws.client("s3")
    uploads = _uploads(rendered)
    with context.step("upload", f"Looking at s3://{bucket.name}") as step:
        absent = storage.find_absent(client, bucket, uploads)
        total_bytes = sum(upload.size_bytes for upload in absent)

        def report(done_bytes: int, done_objects: int) -> None:
            context.emit(
                UploadProgressed(
                    done_bytes=done_bytes,
                    total_bytes=total_bytes,
                    done_objects=done_objects,
                    total_objects=len(absent),
                )
            )

        storage.put_all(client, bucket, absent, progress=report)
        step.text = _describe_uploads(absent, total=len(uploads))


def _describe_uploads(absent: list[storage.Upload], *, total: int) -> str:
    if not absent:
        return "Every artifact is in the bucket already"
    return f"Uploaded {len(absent)} of {total} objects: " + ", ".join(upload.key.split("/")[1] for upload in absent)
