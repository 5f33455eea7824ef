"""A sealed plan under attack: whatever is not as it was when the plan was made is refused, and named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.plans.document import open_plan, seal_plan
from tapgen.deploy.plans.execute import PlanRequest, deploy_plan
from tapgen.deploy.plans.make import make_plan
from tapgen.deploy.records.markers import NoMarker
from tapgen.deploy.request import DeployRequest
from tapgen.engine.deployment import deployment_of
from tapgen.errors import RefusedError, UsageError
from tests.local.deploy.service import queue

if TYPE_CHECKING:
    from tapgen.deploy.plans.document import SealedPlan
    from tapgen.events import Result
    from tapgen.ledger.record import Record
    from tests.local.deploy.service import Service

DAY = timedelta(days=1)


def _edit(service: Service, timeout_s: int = 77) -> None:
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=timeout_s)


def _make(service: Service, *, expires_in: timedelta = DAY) -> bytes:
    request = DeployRequest(rendered=service.render(), confirm=lambda _: False)
    result, file = make_plan(service.context, request, expires_in=expires_in)
    assert (result.status, result.operation) == ("prepared", "plan")
    return file


def _planned(service: Service, *, expires_in: timedelta = DAY) -> bytes:
    """A plan that changes one queue of a deployed service."""
    service.deploy()
    _edit(service)
    return _make(service, expires_in=expires_in)


def _execute(service: Service, plan: SealedPlan, **changes: Any) -> Result:
    request = PlanRequest(
        plan=plan, deployment=deployment_of(service.render()), confirm=lambda _: True, marker=NoMarker()
    )
    return deploy_plan(service.context, replace(request, **changes))


def _refused(service: Service, file: bytes, **changes: Any) -> RefusedError:
    before = _timeout(service)
    with pytest.raises(RefusedError) as caught:
        _execute(service, open_plan(file, place="plan.json"), **changes)
    assert _timeout(service) == before
    return caught.value


def _timeout(service: Service) -> str:
    sqs = service.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    found: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"][
        "VisibilityTimeout"
    ]
    return found


def _records(service: Service) -> tuple[Record, ...]:
    return deployment_of(service.render()).ledger(service.context).read_all()


def _sealed_anew(file: bytes, **changes: Any) -> bytes:
    """What somebody makes who edits a plan and knows how to seal it."""
    return seal_plan(replace(open_plan(file, place="plan.json"), **changes))[1]


def test_a_plan_is_executed_as_it_was_made(service: Service) -> None:
    """Its very change set, whatever the project has become since; the record names both people's calls."""
    file = _planned(service)
    plan = open_plan(file, place="plan.json")
    _edit(service, timeout_s=11)

    result = _execute(service, plan)

    assert (result.status, _timeout(service)) == ("done", "77")
    made, executed = _records(service)[-2:]
    assert made.outcome is not None
    assert (made.outcome.status, made.outcome.seal) == ("prepared", plan.seal)
    assert executed.intent.planned is not None
    assert executed.intent.planned.sequence == made.sequence
    assert executed.intent.planned.who == made.intent.who
    assert executed.execution is not None
    assert executed.execution.change_set_id == plan.plan.change_set_id
    assert executed.outcome is not None
    assert executed.outcome.status == "succeeded"
    assert executed.intent.artifacts == made.intent.artifacts


def test_a_plan_is_executed_once(service: Service) -> None:
    """The second time says by whom and when it was."""
    file = _planned(service)
    _execute(service, open_plan(file, place="plan.json"))

    refusal = _refused(service, file)

    assert refusal.code == "plan-executed"
    assert "arn:aws:iam::000000000000:root" in refusal.why


def test_a_first_deploy_can_be_planned(service: Service) -> None:
    """The stack is an announcement only until then."""
    file = _make(service)

    assert _execute(service, open_plan(file, place="plan.json")).status == "done"
    assert _timeout(service) == "30"


def test_a_plan_that_nobody_confirms_stays(service: Service) -> None:
    """Declining executes nothing, records nothing, and takes nothing away."""
    file = _planned(service)
    recorded = len(_records(service))

    assert _execute(service, open_plan(file, place="plan.json"), confirm=lambda _: False).status == "declined"
    assert len(_records(service)) == recorded
    assert _execute(service, open_plan(file, place="plan.json")).status == "done"


def test_a_release_in_between_is_named(service: Service) -> None:
    """Also one that was made after the plan and executed before it: the live release and the stacks moved."""
    file = _planned(service)
    service.resources["Data"]["Orders"] = queue(f"{service.name}-orders", VisibilityTimeout=5)
    between = service.deploy()
    # What is rendered now is the newer release; the plan is of the older one.
    refusal = _refused(service, file)

    assert refusal.code == "plan-stale"
    assert f"release live: was {open_plan(file, place='').intent.previous.release_id}" in refusal.why  # type: ignore[union-attr]  # there is one before it
    assert f"is {between.release_id}" in refusal.why
    assert "stack root: was" in refusal.why


def test_a_nested_stack_that_somebody_updated_is_named(service: Service) -> None:
    """Behind the root's back: its own time of update moved."""
    file = _planned(service)
    cloudformation = service.aws.client("cloudformation")
    found = cloudformation.describe_stack_resources(StackName=service.name)["StackResources"]
    nested = next(each["PhysicalResourceId"] for each in found if each["LogicalResourceId"] == "Data")
    template = {"Resources": {"Orders": queue(f"{service.name}-orders", VisibilityTimeout=9)}}
    cloudformation.update_stack(StackName=nested, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=nested, WaiterConfig={"Delay": 1})

    refusal = _refused(service, file)

    assert refusal.code == "plan-stale"
    assert "stack Data: was CREATE_COMPLETE" in refusal.why


def test_a_template_in_the_bucket_that_was_changed_is_named(service: Service) -> None:
    """CloudFormation reads nested templates by their address: the bytes there must be those of the plan."""
    file = _planned(service)
    key = next(each.key for each in service.render().templates if each.stack == "compute")
    service.aws.client("s3").put_object(Bucket=service.bucket, Key=key, Body=b"{}")

    refusal = _refused(service, file)

    assert refusal.code == "plan-template"
    assert f"template {key}: was sha256:" in refusal.why


@pytest.mark.parametrize("attack", ["changed", "deleted"])
def test_a_zip_in_the_bucket_that_was_changed_is_named(service: Service, attack: str) -> None:
    """Lambda reads it when the change set is executed, and the change set has nothing but its key."""
    file = _planned(service)
    s3, key = service.aws.client("s3"), service.render().artifacts[0].key
    if attack == "changed":
        s3.put_object(Bucket=service.bucket, Key=key, Body=b"somebody else's code")
    else:
        s3.delete_object(Bucket=service.bucket, Key=key)

    refusal = _refused(service, file)

    assert refusal.code == "plan-artifact"
    assert f"artifact {key}: was sha256:" in refusal.why
    assert ("is absent" in refusal.why) == (attack == "deleted")


def test_a_change_set_that_is_gone_is_named(service: Service) -> None:
    """Somebody deleted it, or another execution did."""
    file = _planned(service)
    plan = open_plan(file, place="plan.json")
    service.aws.client("cloudformation").delete_change_set(ChangeSetName=plan.plan.change_set_id)

    refusal = _refused(service, file)

    assert refusal.code == "plan-change-set"
    assert f"change set root: was {plan.plan.change_set_id}, is absent" in refusal.why


def test_an_edited_file_is_refused(service: Service) -> None:
    """By its own seal; and when somebody sealed it anew, by the record in the bucket."""
    file = _planned(service)
    document = json.loads(file)
    document["bound"]["template"] = {}

    with pytest.raises(RefusedError) as caught:
        open_plan(json.dumps(document).encode(), place="plan.json")
    assert caught.value.code == "plan-edited"

    plan = open_plan(file, place="plan.json")
    for edited in (
        _sealed_anew(file, bound={**plan.bound, "template": {}}),
        _sealed_anew(file, expires_at=plan.expires_at + timedelta(days=365)),
        _sealed_anew(file, plan=replace(plan.plan, change_set_id=f"{plan.plan.change_set_id}x")),
        _sealed_anew(file, intent=replace(plan.intent, who="arn:aws:iam::000000000000:user/somebody-else")),
    ):
        assert _refused(service, edited).code == "plan-unknown"


def test_no_plan_at_all_is_a_usage_error() -> None:
    """Another file, a damaged one, one of a later format."""
    for body, code in (
        (b"not json", "no-plan"),
        (b"[]", "no-plan"),
        (b'{"format": "terraform"}', "no-plan"),
        (b'{"format": "tapgen-plan", "schema_version": 9}', "plan-version"),
    ):
        with pytest.raises(UsageError) as caught:
            open_plan(body, place="plan.json")
        assert caught.value.code == code


def test_a_plan_that_expired_is_refused(service: Service) -> None:
    """By AWS's clock: the plan's end is counted from the change set's own time."""
    file = _planned(service, expires_in=timedelta(seconds=-1))

    refusal = _refused(service, file)

    assert refusal.code == "plan-expired"
    assert "by AWS's clock" in refusal.why


def test_a_plan_of_the_future_is_refused(service: Service) -> None:
    """Its time is the change set's, so a file that says something else is not what was recorded."""
    file = _planned(service)
    plan = open_plan(file, place="plan.json")
    later = replace(plan.plan, created_at=datetime.now(UTC) + timedelta(days=2))

    assert _refused(service, _sealed_anew(file, plan=later)).code == "plan-unknown"


def test_a_plan_of_another_place_is_refused(service: Service) -> None:
    """Another deployment, account or bucket: nothing is even looked at."""
    file = _planned(service)
    deployment = deployment_of(service.render())

    for other in (
        replace(deployment, name="transactions-prod", environment="prod"),
        replace(deployment, account_id="111122223333"),
        replace(deployment, artifact_bucket="another"),
    ):
        assert _refused(service, file, deployment=other).code == "plan-mismatch"


def test_a_stack_whose_parameters_were_changed_is_named(service: Service) -> None:
    """Somebody updated the root with another value: the value, and the update itself."""
    file = _planned(service)
    cloudformation = service.aws.client("cloudformation")
    cloudformation.update_stack(
        StackName=service.name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "ReleaseId", "ParameterValue": "by-hand"}],
        Tags=[{"Key": "Owner", "Value": "payments"}],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=service.name, WaiterConfig={"Delay": 1})

    refusal = _refused(service, file)

    assert refusal.code == "plan-stale"
    assert "parameter ReleaseId: was" in refusal.why
    assert "is by-hand" in refusal.why


def test_nothing_to_deploy_is_no_plan(service: Service) -> None:
    """The release is live already: there is no change set to seal."""
    service.deploy()
    request = DeployRequest(rendered=service.render(), confirm=lambda _: False)

    result, file = make_plan(service.context, request, expires_in=DAY)

    assert (result.status, file) == ("unchanged", b"")
