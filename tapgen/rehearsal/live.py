"""The live release as the baseline: its record in the account's ledger, its templates and zips from the bucket."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.aws import objects
from tapgen.aws.session import check_account
from tapgen.deploy.state.observed_state import read_history
from tapgen.deploy.state.recorded_release import restore
from tapgen.errors import UsageError
from tapgen.model import Artifact
from tapgen.rehearsal.baselines import Baseline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Record
    from tapgen.model import Rendered


def find_live_release(context: Context, deployment: Deployment) -> Baseline:
    """The release that is live in the account; its files are fetched when they are needed.

    Raises:
        CredentialsError: There are none, or they are of another account.
        AwsError: The account cannot be reached.
        UsageError: Nothing is deployed, or nothing was recorded of what is.
    """
    check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
    live = read_history(context, deployment).live
    if live is None:
        raise UsageError(f"nothing is recorded of a live release of {deployment.name}", code="no-live-release")
    return Baseline(
        text=f"release {live.sequence} ({live.release_id}), which is live",
        fetch=lambda folder: _fetch(context, deployment, live, folder),
    )


def _fetch(context: Context, deployment: Deployment, record: Record, folder: Path) -> Rendered:
    """The release with its zips in a folder.

    Raises:
        RefusedError: Files of the release are gone from the bucket.
    """
    rendered = restore(context, deployment, record, gradual=True)
    folder.mkdir(parents=True, exist_ok=True)
    return replace(rendered, artifacts=tuple(_fetch_zips(context, deployment, record, folder)))


def _fetch_zips(context: Context, deployment: Deployment, record: Record, folder: Path) -> Iterator[Artifact]:
    found = objects.read_objects(
        context.aws.client("s3"), deployment.bucket, [file.key for file in record.intent.artifacts]
    )
    for file in record.intent.artifacts:
        body = found[file.key]
        path = folder / f"{file.name}.zip"
        path.write_bytes(body)
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked_bytes = sum(item.file_size for item in archive.infolist())
        yield Artifact(
            name=file.name,
            path=path,
            digest=file.digest,
            sha256=hashlib.sha256(body).hexdigest(),
            size_bytes=len(body),
            unpacked_bytes=unpacked_bytes,
        )
