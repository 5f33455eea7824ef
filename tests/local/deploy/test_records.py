"""What a deploy leaves in the ledger: who, what, from where, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws import change_sets
from tapgen.deploy.records.release_record import Purpose
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import read_lock
from tapgen.errors import DeploymentError, RefusedError
from tapgen.ledger.record import Reference, Source
from tests.local.deploy.service import broken, queue

if TYPE_CHECKING:
    from tapgen.ledger.record import Record
    from tests.local.deploy.service import Service


def _records(service: Service) -> tuple[Record, ...]:
    return deployment_of(service.render()).ledger(service.context).read_all()


def test_deploy_is_recorded_with_all_it_is_made_of(service: Service) -> None:
    """One record: release, caller, source, templates, artifacts, parameters, changes, outputs; the lock is free."""
    source = Source(commit="c0ffee", dirty=False)
    result = service.deploy(purpose=lambda: Purpose(source=source))

    (record,) = _records(service)
    intent, rendered = record.intent, service.render()
    assert (record.sequence, record.release_id, intent.operation) == (1, result.release_id, "deploy")
    assert intent.who == "arn:aws:iam::000000000000:root"
    assert intent.source == source
    assert intent.previous is None
    assert {file.name: file.key for file in intent.templates} == {each.stack: each.key for each in rendered.templates}
    assert [file.key for file in intent.artifacts] == [each.key for each in rendered.artifacts]
    assert intent.parameters == {"ReleaseId": result.release_id}
    assert intent.settings["tags"] == {"Owner": "payments"}
    assert record.plan is not None
    assert record.plan.counts == {"add": 2, "modify": 0, "replace": 0, "remove": 0}
    assert "Add Data.Orders AWS::SQS::Queue" in record.plan.changes
    assert record.execution is not None
    assert record.execution.change_set_id == record.plan.change_set_id
    assert record.outcome is not None
    assert (record.outcome.status, record.outcome.outputs) == ("succeeded", result.outputs)
    assert read_lock(service.context, deployment_of(rendered).bucket, service.name) is None


def test_next_release_names_the_one_before(service: Service) -> None:
    """Sequences count up, and each record names what was live before it."""
    first = service.deploy()
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=99)
    service.deploy()

    _, second = _records(service)
    assert second.sequence == 2
    assert second.intent.previous == Reference(sequence=1, release_id=first.release_id)
    assert second.plan is not None
    assert second.plan.counts == {"add": 0, "modify": 1, "replace": 0, "remove": 0}


def test_failed_release_is_recorded_with_its_cause(service: Service) -> None:
    """A rollback by CloudFormation is the outcome, with the first real cause."""
    service.deploy()
    service.resources["Compute"]["Broken"] = broken()
    with pytest.raises(DeploymentError):
        service.deploy()

    record = _records(service)[-1]
    assert record.outcome is not None
    assert record.outcome.status == "rolled-back"
    assert record.outcome.failure is not None
    assert record.outcome.failure["logical_id"] == "Broken"
    assert "Compute.Broken" in record.outcome.reason


def test_release_that_was_not_executed_says_why(service: Service) -> None:
    """Declined, prepared and refused ones are recorded too, without an execution."""
    service.deploy(execute=False)
    service.deploy(confirm=lambda _: False)
    with pytest.raises(RefusedError):
        service.deploy(confirm=_refuse)

    records = _records(service)
    assert [record.outcome.status for record in records if record.outcome] == ["prepared", "declined", "abandoned"]
    assert [record.execution for record in records] == [None, None, None]
    assert records[-1].outcome is not None
    assert records[-1].outcome.reason == "nobody to ask"


def test_each_document_is_written_before_its_step(service: Service) -> None:
    """The intent is there before the first upload, the plan before the question, the execution before ExecuteChangeSet.

    What is in the bucket is looked at from inside the calls that make the side effects.
    """
    seen: dict[str, list[str]] = {}

    def note(model: Any, params: Any, **_: Any) -> None:
        if model.name == "ExecuteChangeSet" or (model.name == "PutObject" and "templates/" in params["url_path"]):
            seen.setdefault(model.name, _documents(service))

    for name in ("s3", "cloudformation"):
        service.aws.client(name).meta.events.register("before-call.*.*", note)
    service.deploy(confirm=lambda _: bool(seen.setdefault("confirm", _documents(service))))

    assert seen == {
        "PutObject": ["intent"],
        "confirm": ["intent", "plan"],
        "ExecuteChangeSet": ["execution", "intent", "plan"],
    }


def test_detached_deploy_leaves_the_record_open(service: Service) -> None:
    """Nobody has seen the end: there is an execution and no outcome, and the lock is free."""
    assert service.deploy(detach=True).status == "started"

    (record,) = _records(service)
    assert record.execution is not None
    assert record.outcome is None


def test_change_set_carries_the_name_in_the_record(service: Service) -> None:
    """The change set can be found again by what the intent says, even when the answer to its creation was lost."""
    service.deploy(execute=False)

    (record,) = _records(service)
    client = service.aws.client("cloudformation")
    listed = client.list_change_sets(StackName=service.name)["Summaries"]
    assert [item["ChangeSetName"] for item in listed] == [record.intent.change_set_name]
    assert change_sets.get_change_set_status(client, listed[0]["ChangeSetId"]).ready


def _refuse(_: object) -> bool:
    raise RefusedError("nobody to ask")


def _documents(service: Service) -> list[str]:
    listed = service.aws.client("s3").list_objects_v2(Bucket=service.bucket, Prefix=f"releases/{service.name}/")
    return [item["Key"].rpartition("/")[2].removesuffix(".json") for item in listed.get("Contents", ())]
