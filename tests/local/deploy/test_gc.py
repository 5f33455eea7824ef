"""Garbage collection in a bucket that two deployments share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.retention.gc import GcRequest, collect_garbage
from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import hold_lock
from tapgen.errors import RefusedError
from tests.local.deploy.service import Service, queue

if TYPE_CHECKING:
    from tapgen.events import Result


@dataclass
class Neighbour(Service):
    """A second deployment with the bucket of the first."""

    shared: str = ""

    @property
    def bucket(self) -> str:
        """Somebody else's."""
        return self.shared


def _collect(service: Service, **options: Any) -> Result:
    defaults: dict[str, Any] = {"keep": 2, "show": lambda _: None, "confirm": lambda: True}
    return collect_garbage(service.context, GcRequest(deployment=deployment_of(service.render()), **defaults | options))


def _timeout(service: Service, seconds: int) -> None:
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=seconds)


def _files(service: Service) -> set[str]:
    listed = service.aws.client("s3").list_objects_v2(Bucket=service.bucket)["Contents"]
    return {item["Key"] for item in listed if item["Key"].startswith(("templates/", "artifacts/"))}


def test_nothing_that_is_needed_goes(service: Service) -> None:
    """Of three releases two are kept: those can be restored afterwards, the first cannot, the neighbour deploys on."""
    neighbour = Neighbour(
        aws=service.aws,
        folder=service.folder,
        name=f"{service.name}-pr",
        resources={"Data": {"Orders": queue(f"{service.name}-pr-orders")}},
        shared=service.bucket,
    )
    neighbour.deploy()
    for seconds in (11, 22, 33):
        _timeout(service, seconds)
        service.deploy()
    before = _files(service)

    assert _collect(service, dry_run=True).status == "prepared"
    assert _collect(service, confirm=lambda: False).exit_code == 3
    assert _files(service) == before
    assert _collect(service).status == "done"

    first = deployment_of(service.render()).ledger(service.context).read_all()[0]
    gone = before - _files(service)
    assert gone == {file.key for file in first.intent.templates if file.name in {"compute", "root"}}
    assert _collect(service).status == "unchanged"
    request = RollbackRequest(
        deployment=deployment_of(service.render()), confirm=lambda _: True, confirm_stop=lambda: True
    )
    assert rollback(service.context, request).status == "done"
    with pytest.raises(RefusedError, match="files are gone"):
        rollback(service.context, request)
    neighbour.resources["Data"]["More"] = queue(f"{service.name}-pr-more")
    assert neighbour.deploy().status == "done"


def test_nothing_is_removed_beside_an_operation(service: Service) -> None:
    """A stack that is not stable, one's own lock and a neighbour's each refuse."""
    service.deploy(execute=False)
    with pytest.raises(RefusedError) as unstable:
        _collect(service)
    assert unstable.value.code == "stack-not-stable"
    for seconds in (11, 22, 33):
        _timeout(service, seconds)
        service.deploy()
    deployment = deployment_of(service.render())
    with hold_lock(service.context, deployment.lock_request("deploy")):
        with pytest.raises(RefusedError) as locked:
            _collect(service)
        assert locked.value.code == "locked"
    neighbour = replace(deployment.lock_request("deploy"), deployment=f"{service.name}-pr")
    with hold_lock(service.context, neighbour):
        with pytest.raises(RefusedError) as busy:
            _collect(service)
        assert busy.value.code == "bucket-busy"
