"""Clients of the session's embedded AWS and a small service to deploy there."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.session import Aws, Target
from tapgen.local.server import LocalAws
from tests.local.deploy.service import REGION, Service, queue

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.local.server import LocalStatus


@pytest.fixture
def aws(local_aws: LocalStatus) -> Aws:
    """Clients of the session's embedded AWS, as the engine makes them."""
    credentials = LocalAws.credentials()
    return Aws(
        Target(
            region=REGION,
            endpoint_url=local_aws.endpoint_url,
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key,
        )
    )


@pytest.fixture
def service(aws: Aws, tmp_path: Path) -> Service:
    """Two nested stacks with a queue each, nothing deployed, the artifact bucket in place."""
    name = f"shop-{uuid.uuid4().hex[:8]}"
    made = Service(
        aws=aws,
        folder=tmp_path,
        name=name,
        resources={"Data": {"Orders": queue(f"{name}-orders")}, "Compute": {"Jobs": queue(f"{name}-jobs")}},
    )
    made.create_bucket()
    return made
