"""Rollbacks of a stable stack: what comes back, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.engine.deployment import deployment_of
from tapgen.errors import RefusedError, UsageError
from tapgen.events import ChangesPlanned, Noted
from tests.local.deploy.service import queue

if TYPE_CHECKING:
    from tapgen.events import Result
    from tapgen.ledger.record import Record
    from tests.local.deploy.service import Service


def _rollback(service: Service, **options: Any) -> Result:
    defaults: dict[str, Any] = {"confirm": lambda _: True, "confirm_stop": lambda: True}
    return rollback(service.context, RollbackRequest(deployment=deployment_of(service.render()), **defaults | options))


def _timeout(service: Service, seconds: int) -> None:
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=seconds)


def _deployed(service: Service) -> str:
    url = service.aws.client("sqs").get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    answer = service.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return answer["Attributes"]["VisibilityTimeout"]


def _records(service: Service) -> tuple[Record, ...]:
    return deployment_of(service.render()).ledger(service.context).read_all()


def test_earlier_releases_come_back_one_after_the_other(service: Service) -> None:
    """Each rollback goes one further back, shows its change set first, and is a release that points at it.

    Nothing is rendered: the service's sources are at the newest edition all the time.
    """
    for seconds in (11, 22, 33):
        _timeout(service, seconds)
        service.deploy()
    service.events.clear()

    first = _rollback(service)
    assert (first.status, first.operation, _deployed(service)) == ("done", "rollback", "22")
    assert service.seen(ChangesPlanned)
    assert any("data stays" in note.text for note in service.seen(Noted))
    assert _rollback(service).release_id == _records(service)[0].release_id
    assert _deployed(service) == "11"
    with pytest.raises(UsageError, match="no release 1 before the live one"):
        _rollback(service)

    assert _rollback(service, to="#3").status == "done"
    assert _deployed(service) == "33"
    restored = [record.intent.restores.sequence for record in _records(service) if record.intent.restores]
    assert restored == [2, 1, 3]
    assert all(record.succeeded for record in _records(service))
    assert _records(service)[3].intent.artifacts == _records(service)[1].intent.artifacts
    assert service.deploy().status == "unchanged"


def test_declined_rollback_changes_nothing(service: Service) -> None:
    """The change set goes, the live release stays, and the record says that it was declined."""
    for seconds in (11, 22):
        _timeout(service, seconds)
        service.deploy()

    assert _rollback(service, confirm=lambda _: False).exit_code == 3

    assert _deployed(service) == "22"
    assert [item.outcome.status for item in _records(service) if item.outcome][-1] == "declined"


def test_rollback_that_would_take_data_is_refused(service: Service) -> None:
    """A queue that the earlier release does not have would be removed: refused and named."""
    service.deploy()
    service.resources["Data"]["Returns"] = queue(f"{service.name}-returns")
    service.deploy()

    with pytest.raises(RefusedError, match="would lose data") as caught:
        _rollback(service)

    assert caught.value.why == "Data.Returns (AWS::SQS::Queue): it would be deleted with its data"
    assert "--allow-replace Data.Returns" in caught.value.hint
    client = service.aws.client("cloudformation")
    pending = client.list_change_sets(StackName=service.name)["Summaries"]
    assert [item for item in pending if item["ExecutionStatus"] == "AVAILABLE"] == []
    assert _records(service)[-1].outcome is not None
    assert _rollback(service, allow_replace=("Data.Returns",)).status == "done"
    assert [record.plan.allowed for record in _records(service) if record.plan][-1] == (caught.value.why,)


def test_release_whose_files_are_gone_is_refused_by_name(service: Service) -> None:
    """A template and a zip that somebody deleted are both named; nothing is begun."""
    service.deploy()
    zip_key = service.render().artifacts[0].key
    _timeout(service, 22)
    service.deploy()
    root = _records(service)[0].intent.templates[-1].key
    for key in (root, zip_key):
        service.aws.client("s3").delete_object(Bucket=service.bucket, Key=key)

    with pytest.raises(RefusedError, match="2 of its files are gone") as caught:
        _rollback(service)

    assert caught.value.why.splitlines() == [f"s3://{service.bucket}/{root}", f"s3://{service.bucket}/{zip_key}"]
    assert len(_records(service)) == 2


def test_environment_that_was_never_deployed(service: Service) -> None:
    """There is nothing to roll back, and deploy is named."""
    with pytest.raises(UsageError, match="nothing is deployed"):
        _rollback(service)
