"""Adopting what exists, on the embedded AWS: with the data in it, step by step, and never half."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.session import Aws
from tapgen.deploy.destroy import DestroyRequest, destroy
from tapgen.deploy.state.observed_state import read_history
from tapgen.deploy.state.release_status import status_of
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import hold_lock
from tapgen.errors import AwsError, CredentialsError, DeploymentError, RefusedError, UsageError
from tapgen.events import AdoptionPlanned, Noted, StepFinished
from tapgen.ledger.history import restorable
from tapgen.object_keys import RELEASE_PREFIX
from tests.local.deploy.adopting import adopt_parts, make_shop
from tests.local.deploy.service import broken

if TYPE_CHECKING:
    from tests.local.deploy.service import Service

LONG = bool(os.environ.get("TAPGEN_LONG_FAULTS"))
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(name="shop")
def _shop(aws: Aws, tmp_path: Path) -> Service:
    """A service that keeps its data; nothing is deployed."""
    service = make_shop(aws, tmp_path, f"shop-{uuid.uuid4().hex[:8]}")
    service.create_bucket()
    return service


def _destroyed(service: Service) -> tuple[str, ...]:
    """Deploy it, fill it, destroy it keeping the data; the assignments that destroy names."""
    service.deploy()
    service.aws.client("dynamodb").put_item(TableName=f"{service.name}-orders", Item={"id": {"S": "one"}})
    service.aws.client("s3").put_object(Bucket=f"{service.name}-archive", Key="a", Body=b"kept")
    url = service.aws.client("sqs").get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    service.aws.client("sqs").send_message(QueueUrl=url, MessageBody="to do")
    request = DestroyRequest(deployment=deployment_of(service.render()), protected=False, confirm=lambda _: True)
    destroy(service.context, request)
    (hint,) = [note.hint for note in service.seen(Noted) if "tapgen adopt" in note.hint]
    return tuple(word for word in shlex.split(hint.split("`")[1]) if "=" in word)


def _identity(service: Service) -> dict[str, Any]:
    """What tells these resources from others of the same names."""
    table = service.aws.client("dynamodb").describe_table(TableName=f"{service.name}-orders")["Table"]
    created = table["CreationDateTime"]
    item = service.aws.client("dynamodb").get_item(TableName=f"{service.name}-orders", Key={"id": {"S": "one"}})
    body = service.aws.client("s3").get_object(Bucket=f"{service.name}-archive", Key="a")["Body"].read()
    url = service.aws.client("sqs").get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    attributes = service.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        "created": created,
        "item": item["Item"],
        "body": body,
        "messages": attributes["ApproximateNumberOfMessages"],
    }


def _held(service: Service) -> dict[str, str]:
    """Path → physical id of everything in the deployment's stacks."""
    client = service.aws.client("cloudformation")
    found: dict[str, str] = {}

    def read(stack: str, label: str) -> None:
        for item in client.list_stack_resources(StackName=stack)["StackResourceSummaries"]:
            path = f"{label}{item['LogicalResourceId']}"
            found[path] = item.get("PhysicalResourceId", "")
            if item["ResourceType"] == "AWS::CloudFormation::Stack":
                read(found[path], f"{item['LogicalResourceId']}.")

    read(service.name, "")
    return found


def _statuses(service: Service) -> dict[str, str]:
    """The stacks with the deployment's name in theirs, as they are."""
    pages = service.aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {
        stack["StackName"]: stack["StackStatus"]
        for page in pages
        for stack in page["Stacks"]
        if stack["StackName"].startswith(service.name)
    }


def _require_adopted(service: Service, assignments: tuple[str, ...], before: dict[str, Any]) -> None:
    """Everything is in the deployment under its own id, deploys, and holds what it held."""
    given = dict(word.partition("=")[::2] for word in assignments)
    held = _held(service)
    assert {path: held[path] for path in given} == given
    service.deploy()
    after = _held(service)
    assert {path: after[path] for path in given} == given
    assert {"Compute.Work", "Data.ArchivePolicy"} <= after.keys()
    assert "AdoptionPlaceholder" not in after
    assert _identity(service) == before
    assert set(_statuses(service).values()) == {"UPDATE_COMPLETE"}
    assert service.deploy().status == "unchanged"


def test_destroy_adopt_deploy_is_a_round_trip(shop: Service) -> None:
    """The data that a destroy keeps is back under the deployment, by the command that destroy names; nothing is new."""
    assignments = _destroyed(shop)
    assert {word.partition("=")[0] for word in assignments} == {
        *("Data.OrdersTable", "Data.ArchiveBucket", "Data.JobsQueue", "Data.Key", "Compute.AccessLogGroup")
    }
    before = _identity(shop)
    topic = f"topic:news={shop.name}-news"

    assert adopt_parts(shop, *assignments, topic).status == "done"

    held = _held(shop)
    assert held["Data.NewsTopic"].endswith(f":{shop.name}-news")
    assert held["Data.ArchivePolicy"]
    _require_adopted(shop, assignments, before)
    lifecycle = shop.aws.client("s3").get_bucket_lifecycle_configuration(Bucket=f"{shop.name}-archive")
    assert lifecycle["Rules"][0]["Expiration"] == {"Days": 30}


def test_a_refused_deploy_names_what_is_kept_and_leaves_nothing(shop: Service) -> None:
    """The names, whose they are, the whole command; no stack stays in REVIEW_IN_PROGRESS."""
    _destroyed(shop)

    with pytest.raises(AwsError, match="taken by what a former deployment") as caught:
        shop.deploy()

    error = caught.value
    assert error.code == "names-taken"
    assert f"Data.OrdersTable (AWS::DynamoDB::Table): {shop.name}-orders is taken" in error.why
    words = shlex.split(error.hint.split("`")[1])
    assert words[:4] == ["tapgen", "adopt", "--env", "dev"]
    assert _statuses(shop) == {}
    adopt_parts(shop, *words[4:], f"topic:news={shop.name}-news")
    assert shop.deploy().status == "done"


def test_a_plan_of_somebody_else_outlives_a_refused_deploy(shop: Service) -> None:
    """A change set that waits for its execution keeps the empty stack; declining another one does not take it away."""
    assert shop.deploy(execute=False).status == "prepared"
    (change_set,) = shop.aws.client("cloudformation").list_change_sets(StackName=shop.name)["Summaries"]
    assert shop.deploy(confirm=lambda _: False).status == "declined"
    (left,) = shop.aws.client("cloudformation").list_change_sets(StackName=shop.name)["Summaries"]
    assert left["ChangeSetId"] == change_set["ChangeSetId"]
    shop.aws.client("cloudformation").delete_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert shop.deploy(confirm=lambda _: False).status == "declined"
    assert _statuses(shop) == {}


def test_names_without_data_are_told_apart(shop: Service) -> None:
    """A role of another's cannot be adopted: the command leaves it out, and it is named."""
    trust = {"Version": "2012-10-17", "Statement": []}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": f"{shop.name}-role", "AssumeRolePolicyDocument": trust},
    }
    shop.resources = {"Data": {"OrdersTable": shop.resources["Data"]["OrdersTable"]}, "Compute": {"Role": role}}
    shop.aws.client("iam").create_role(RoleName=f"{shop.name}-role", AssumeRolePolicyDocument=json.dumps(trust))
    with pytest.raises(AwsError, match="taken by what others have made") as caught:
        shop.deploy()
    assert "adopt" not in caught.value.hint
    assert "Compute.Role" in caught.value.hint
    assert _statuses(shop) == {}


def test_a_table_that_no_stack_ever_had_becomes_a_new_part(shop: Service) -> None:
    """A live deployment's nested stack imports by itself; the next deploy changes what differs."""
    table = shop.resources["Data"].pop("OrdersTable")
    shop.deploy()
    properties = {**table["Properties"], "StreamSpecification": {"StreamEnabled": False}}
    shop.aws.client("dynamodb").create_table(**properties)
    shop.aws.client("dynamodb").put_item(TableName=f"{shop.name}-orders", Item={"id": {"S": "old"}})
    shop.resources["Data"]["OrdersTable"] = table
    before = _held(shop)

    assert adopt_parts(shop, f"table:orders={shop.name}-orders").status == "done"

    (planned,) = shop.seen(AdoptionPlanned)
    (part,) = planned.parts
    assert (part.part, part.physical_id) == ("Data.OrdersTable", f"{shop.name}-orders")
    assert [text for text in part.differences if text.startswith("StreamSpecification is not set")]
    assert len(planned.steps) == 1
    assert _held(shop) == {**before, "Data.OrdersTable": f"{shop.name}-orders"}
    assert shop.deploy().status == "done"
    described = shop.aws.client("dynamodb").describe_table(TableName=f"{shop.name}-orders")["Table"]
    assert described["StreamSpecification"]["StreamEnabled"]
    assert shop.aws.client("dynamodb").get_item(TableName=f"{shop.name}-orders", Key={"id": {"S": "old"}})["Item"]


def test_adopting_again_is_nothing_to_do(shop: Service) -> None:
    """What is there under its own id stays; another id for the same part is refused."""
    assignments = _destroyed(shop)
    adopt_parts(shop, *assignments)
    held = _held(shop)
    assert adopt_parts(shop, *assignments).status == "unchanged"
    shop.aws.client("kms").create_key()
    other = shop.aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(RefusedError, match="already") as caught:
        adopt_parts(shop, f"Data.Key={other}")
    assert caught.value.code == "part-taken"
    assert _held(shop) == held


def test_an_adoption_is_recorded(shop: Service) -> None:
    """The ledger says who brought what under the deployment; it is no release that could be live or come back."""
    assignments = (*_destroyed(shop), f"topic:news={shop.name}-news")
    adopt_parts(shop, *assignments)
    deployment = deployment_of(shop.render())
    *_, record = deployment.ledger(shop.context).read_all()

    assert (record.is_adoption, record.succeeded) == (True, False)
    assert record.outcome
    assert record.outcome.status == "adopted"
    adopted = {f"{each.part}={each.physical_id}" for each in record.intent.adopts}
    assert adopted >= set(assignments[:-1])
    assert len(adopted) == len(assignments)
    assert record.intent.who.startswith("arn:aws:iam::")
    assert read_history(shop.context, deployment).live is None
    adopt_parts(shop, *assignments)
    assert deployment.ledger(shop.context).read_all()[-1].sequence == record.sequence
    shop.deploy()
    history = read_history(shop.context, deployment)
    assert history.live
    assert history.live.sequence == record.sequence + 1
    assert record.sequence not in {each.sequence for each in restorable(history.records, history.live)}


def test_a_cut_off_adoption_is_recorded_by_the_run_that_goes_on(shop: Service) -> None:
    """Until then it is unfinished, and says how it is ended; it stays one record."""
    assignments = _destroyed(shop)
    adopt_parts(shop, *assignments)
    deployment = deployment_of(shop.render())
    *_, record = deployment.ledger(shop.context).read_all()
    key = f"{RELEASE_PREFIX}/{deployment.name}/{record.sequence:08}/outcome.json"
    shop.aws.client("s3").delete_object(Bucket=shop.bucket, Key=key)
    history = read_history(shop.context, deployment)
    status = status_of(history.records[-1], history)
    assert (status.word, status.note) == ("unfinished", "it was cut off; `tapgen adopt` with the same parts goes on")

    assert adopt_parts(shop, *assignments).status == "unchanged"

    *_, again = deployment.ledger(shop.context).read_all()
    assert again.outcome
    assert (again.sequence, again.outcome.status) == (record.sequence, "adopted")


def test_parts_may_be_adopted_one_by_one(shop: Service) -> None:
    """Each command adds to what the one before has brought, whatever nested stack it is for."""
    assignments = _destroyed(shop)
    before = _identity(shop)
    for assignment in assignments:
        assert adopt_parts(shop, assignment).status == "done"
    shop.aws.client("sns").delete_topic(
        TopicArn=shop.aws.client("sns").create_topic(Name=f"{shop.name}-news")["TopicArn"]
    )
    _require_adopted(shop, assignments, before)


def test_what_can_never_be_the_part_is_refused(shop: Service) -> None:
    """Another name, another key: the reason says what AWS allows, the next step what can be done; nothing is made."""
    definition = shop.resources["Data"]["OrdersTable"]["Properties"]
    client = shop.aws.client("dynamodb")
    client.create_table(
        **{**definition, "TableName": f"{shop.name}-other", "StreamSpecification": {"StreamEnabled": False}}
    )
    with pytest.raises(RefusedError, match="never be that part") as caught:
        adopt_parts(shop, f"table:orders={shop.name}-other")
    assert "CloudFormation takes the physical id from the template's own TableName" in caught.value.why
    assert "change the definition" in caught.value.hint

    client.create_table(
        TableName=f"{shop.name}-orders",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "sku", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "sku", "KeyType": "HASH"}],
    )
    with pytest.raises(RefusedError, match="never be that part") as caught:
        adopt_parts(shop, f"table:orders={shop.name}-orders")
    assert "KeySchema" in caught.value.why
    assert _statuses(shop) == {}


def test_what_does_not_exist_or_is_of_another_type_is_refused(shop: Service) -> None:
    """A bucket's name is no table; a name that nobody has is nothing; each kind answers in words."""
    shop.aws.client("s3").create_bucket(
        Bucket=f"{shop.name}-archive", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    for assignment in (
        f"table:orders={shop.name}-archive",
        "bucket:archive=nobody-has-this-one",
        "queue:jobs=nobody",
        "topic:news=nobody",
        "log-group:access=/nobody",
        "key=11111111-2222-3333-4444-555555555555",
    ):
        with pytest.raises(UsageError, match="there is no") as caught:
            adopt_parts(shop, assignment)
        assert caught.value.code == "nothing-to-adopt"
    with pytest.raises(UsageError, match="no part"):
        adopt_parts(shop, "function:api=x")
    assert _statuses(shop) == {}


def test_what_another_stack_has_is_refused_before_anything_is_done(shop: Service) -> None:
    """The stack is named, and how it lets go of the resource."""
    owner = f"{shop.name}x-owner"
    template = {"Resources": {"T": shop.resources["Data"]["OrdersTable"]}}
    client = shop.aws.client("cloudformation")
    client.create_stack(StackName=owner, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=owner, WaiterConfig={"Delay": 1})
    with pytest.raises(RefusedError, match=f"belongs to the stack {owner}") as caught:
        adopt_parts(shop, f"table:orders={shop.name}-orders")
    assert caught.value.code == "already-owned"
    assert "DeletionPolicy: Retain" in caught.value.hint
    assert shop.name not in _statuses(shop)


def test_a_declined_adoption_changes_nothing(shop: Service) -> None:
    """Everything is shown first; without consent no stack is made."""
    assignments = _destroyed(shop)
    assert adopt_parts(shop, *assignments, confirmed=False).exit_code == 3
    assert shop.seen(AdoptionPlanned)
    assert _statuses(shop) == {}


def test_locks_and_accounts_are_respected(shop: Service) -> None:
    """One operation at a time; credentials of another account adopt nothing."""
    deployment = deployment_of(shop.render())
    with hold_lock(shop.context, deployment.lock_request("deploy")), pytest.raises(RefusedError, match="locked"):
        adopt_parts(shop, f"table:orders={shop.name}-orders")
    rendered = replace(shop.render(), account_id="111122223333")
    shop.render = lambda: rendered  # type: ignore[method-assign]  # the release of another account
    with pytest.raises(CredentialsError):
        adopt_parts(shop, f"table:orders={shop.name}-orders")


def test_each_step_is_told(shop: Service) -> None:
    """As many steps as were announced, numbered."""
    adopt_parts(shop, *_destroyed(shop))
    (planned,) = shop.seen(AdoptionPlanned)
    told = [step.text.partition(": ")[0] for step in shop.seen(StepFinished) if step.step == "adopt"]
    assert told == [f"step {number} of {len(planned.steps)}" for number in range(1, len(planned.steps) + 1)]


def test_a_first_deploy_that_fails_leaves_what_was_adopted(shop: Service) -> None:
    """It is rolled back to what the adoption left: everything is there, and deploys once the cause is corrected."""
    assignments = _destroyed(shop)
    before = _identity(shop)
    adopt_parts(shop, *assignments, f"topic:news={shop.name}-news")
    shop.resources["Compute"]["Broken"] = broken()
    with pytest.raises(DeploymentError, match="rolled back"):
        shop.deploy()
    given = dict(word.partition("=")[::2] for word in assignments)
    held = _held(shop)
    assert {path: held[path] for path in given} == given
    assert _identity(shop) == before
    del shop.resources["Compute"]["Broken"]
    _require_adopted(shop, assignments, before)


def _order(service: Service, assignments: tuple[str, ...], kill_at: int) -> subprocess.CompletedProcess[str]:
    target = service.aws.target
    order = {
        "endpoint": target.endpoint_url,
        "key": target.access_key_id,
        "secret": target.secret_access_key,
        "folder": str(service.folder),
        "name": service.name,
        "assignments": assignments,
        "kill_at": kill_at,
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.local.deploy.adopting", json.dumps(order)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_killed_adoption_is_resumed_by_the_same_command(shop: Service) -> None:
    """Killed before one change after another, the same command goes on each time; nothing is lost or doubled."""
    assignments = _destroyed(shop)
    before = _identity(shop)
    killed = 0
    for kill_at in range(1, 20 if LONG else 8):
        done = _order(shop, assignments, kill_at)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        killed += 1

    result = adopt_parts(_again(shop), *assignments)

    assert killed >= 6
    assert result.status in {"done", "unchanged"}
    shop.aws.client("sns").delete_topic(
        TopicArn=shop.aws.client("sns").create_topic(Name=f"{shop.name}-news")["TopicArn"]
    )
    _require_adopted(shop, assignments, before)


def _again(service: Service) -> Service:
    """The same service, seen by another process."""
    return make_shop(Aws(service.aws.target), service.folder, service.name)
