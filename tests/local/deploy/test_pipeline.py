"""Deploys against the embedded AWS: what is uploaded, shown, executed and said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.session import Aws
from tapgen.deploy.release.deploy import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.errors import AttentionError, AwsError, CredentialsError, DeploymentError, UsageError
from tapgen.events import ChangesPlanned, CostItem, CostsPlanned, StackEvent, UploadProgressed
from tests.local.deploy.service import broken, queue

if TYPE_CHECKING:
    from tapgen.model import ChangeSet
    from tests.local.deploy.service import Service


def test_first_deploy_shows_and_creates_everything(service: Service) -> None:
    """A first deploy plans both nested stacks with their resources, follows them and answers the outputs."""
    result = service.deploy()

    assert (result.status, result.exit_code) == ("done", 0)
    assert result.outputs == {"ReleaseId": result.release_id}
    (plan,) = service.seen(ChangesPlanned)
    assert plan.kind == "CREATE"
    assert {change.logical_id: [child.logical_id for child in change.children] for change in plan.changes} == {
        "Data": ["Orders"],
        "Compute": ["Jobs"],
    }
    done = {(event.stack, event.logical_id) for event in service.seen(StackEvent) if event.status == "CREATE_COMPLETE"}
    assert {("Data", "Orders"), ("Compute", "Jobs"), ("root", service.name)} <= done
    assert service.seen(UploadProgressed)[-1].done_objects == 4


def test_same_release_again_is_two_calls_and_no_change_set(service: Service) -> None:
    """Nothing changed is known from the release id alone: no upload, no change set, the live outputs."""
    first = service.deploy()
    # A process of its own, as every deploy is: it knows nobody's identity yet.
    service.aws = Aws(service.aws.target)
    calls: list[str] = []
    for client in (service.aws.client("cloudformation"), service.aws.client("s3"), service.aws.client("sts")):
        client.meta.events.register("before-call.*", lambda model, **_: calls.append(model.name))

    second = service.deploy()

    assert second.status == "unchanged"
    assert second.outputs == first.outputs
    assert sorted(calls) == ["DescribeStacks", "GetCallerIdentity"]


def test_update_uploads_and_changes_only_what_differs(service: Service) -> None:
    """A change in one nested stack uploads that template and the root's, and names the changed property."""
    service.deploy()
    service.events.clear()
    service.resources["Compute"]["Jobs"] = queue(f"{service.name}-jobs", VisibilityTimeout=99)

    result = service.deploy()

    assert result.status == "done"
    assert service.seen(UploadProgressed)[-1].total_objects == 2
    (plan,) = service.seen(ChangesPlanned)
    changed = {change.logical_id: change.children for change in plan.changes if change.children}
    assert list(changed) == ["Compute"]
    (jobs,) = changed["Compute"]
    assert (jobs.action, jobs.logical_id, jobs.replacement) == ("Modify", "Jobs", "False")
    assert any("VisibilityTimeout" in reason for reason in jobs.reasons)


def test_fixed_costs_are_told_when_they_change(service: Service) -> None:
    """An alarm more is told with its price before the deploy is confirmed; a change that costs nothing is not told."""
    service.deploy()
    assert service.seen(CostsPlanned) == []
    service.events.clear()
    watch = {"MetricName": "NumberOfMessagesSent", "Namespace": "AWS/SQS", "Period": 60, "Statistic": "Sum"}
    rule = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 5}
    service.resources["Compute"]["Busy"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": {**watch, **rule}}

    service.deploy()

    (costs,) = service.seen(CostsPlanned)
    assert costs.items == (CostItem(item="alarm", count=1, usd=0.1),)
    kinds = [type(event) for event in service.events]
    assert kinds.index(CostsPlanned) < kinds.index(StackEvent)


def test_changed_tags_reach_the_stack(service: Service) -> None:
    """Cost allocation tags change without a template: the deploy is not skipped."""
    service.deploy()
    service.tags["Owner"] = "others"

    assert service.deploy().status == "done"
    assert service.deploy().status == "unchanged"


def test_declined_create_leaves_no_stack(service: Service) -> None:
    """Declining a first deploy removes the change set and the empty stack that CloudFormation made for it."""
    result = service.deploy(confirm=lambda _: False)

    assert (result.status, result.exit_code) == ("declined", 3)
    assert _exists(service) is False


def test_confirmation_sees_the_change_set(service: Service) -> None:
    """The question is asked with the changes in hand."""
    asked: list[ChangeSet] = []

    def confirm(change_set: ChangeSet) -> bool:
        asked.append(change_set)
        return True

    service.deploy(confirm=confirm)

    assert {change.logical_id for change in asked[0].changes} == {"Data", "Compute"}


def test_prepared_change_set_stays_and_a_later_deploy_goes_on(service: Service) -> None:
    """--no-execute-changeset leaves the stack in review; the next deploy creates it all the same."""
    assert service.deploy(execute=False).status == "prepared"
    assert _status(service) == "REVIEW_IN_PROGRESS"

    assert service.deploy().status == "done"


def test_failed_update_rolls_back_and_names_the_cause(service: Service) -> None:
    """A resource that cannot be made fails the deploy with its own reason, not the parents'; the old state stays."""
    first = service.deploy()
    service.resources["Compute"]["Broken"] = broken()

    with pytest.raises(DeploymentError) as caught:
        service.deploy()

    error = caught.value
    assert error.exit_code == 4
    assert error.failure is not None
    assert (error.failure.stack, error.failure.logical_id) == ("Compute", "Broken")
    assert "Embedded stack" not in error.why
    assert "cancelled" not in error.why
    assert _status(service) == "UPDATE_ROLLBACK_COMPLETE"
    del service.resources["Compute"]["Broken"]
    assert service.deploy().release_id == first.release_id


def test_failed_first_create_is_recognised_with_what_to_do(service: Service) -> None:
    """A failed first create ends with exit 4, the next deploy says how to clear it with exit 5."""
    service.resources["Data"]["Broken"] = broken()

    with pytest.raises(DeploymentError, match="first deployment failed") as first:
        service.deploy()
    with pytest.raises(AttentionError, match="ROLLBACK_COMPLETE") as second:
        service.deploy()

    assert "tapgen destroy --env dev" in first.value.hint
    assert "tapgen recover --env dev" in second.value.hint


def test_other_account_is_refused_before_anything_is_written(service: Service) -> None:
    """The environment's account id is checked against the caller's."""
    rendered = replace(service.render(), account_id="111122223333")

    with pytest.raises(CredentialsError, match=r"000000000000.*111122223333"):
        deploy(service.context, DeployRequest(rendered=rendered, confirm=lambda _: True))

    assert _exists(service) is False


def test_missing_bucket_says_how_to_make_it(service: Service) -> None:
    """Without the artifact bucket the deploy names the command that creates it."""
    rendered = replace(service.render(), artifact_bucket=f"{service.name}-elsewhere")

    with pytest.raises(UsageError, match="elsewhere") as caught:
        deploy(service.context, DeployRequest(rendered=rendered, confirm=lambda _: True))

    assert "tapgen bootstrap --env dev" in caught.value.hint


def test_missing_bucket_is_made_where_that_is_allowed(service: Service) -> None:
    """The embedded environment bootstraps itself: the deploy calls it and goes on."""
    service.aws.client("s3").delete_bucket(Bucket=service.bucket)

    assert service.deploy(create_bucket=service.create_bucket).status == "done"


def test_refused_change_set_is_explained(service: Service) -> None:
    """CloudFormation's reason for refusing a change set reaches the user."""
    service.resources["Data"]["Orders"] = {"Type": "AWS::SQS::Nothing"}

    with pytest.raises((AwsError, DeploymentError)) as caught:
        service.deploy()

    assert "AWS::SQS::Nothing" in str(caught.value)


def _status(service: Service) -> str:
    stack = service.aws.client("cloudformation").describe_stacks(StackName=service.name)["Stacks"][0]
    return stack["StackStatus"]


def _exists(service: Service) -> bool:
    listed = service.aws.client("cloudformation").list_stacks()["StackSummaries"]
    return any(stack["StackName"] == service.name and stack["StackStatus"] != "DELETE_COMPLETE" for stack in listed)
