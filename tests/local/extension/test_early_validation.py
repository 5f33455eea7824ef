"""What CloudFormation says before it provisions: names that are taken, and the quotas that somebody looks up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


def queue(name: str) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}


def _ask(stacks: Stacks, name: str, template: dict[str, Any], kind: str) -> dict[str, Any]:
    """A change set with its nested ones, described; ``Objections`` by change set."""
    made = stacks.cfn.create_change_set(
        StackName=name,
        ChangeSetName="ask",
        ChangeSetType=kind,
        TemplateBody=json.dumps(template),
        IncludeNestedStacks=True,
    )
    found: dict[str, Any] = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])
    nested = [change["ResourceChange"].get("ChangeSetId") for change in found["Changes"]]
    found["Objections"] = [
        event
        for each in (made["Id"], *filter(None, nested))
        for event in stacks.cfn.describe_events(ChangeSetName=each)["OperationEvents"]
    ]
    stacks.cfn.delete_change_set(ChangeSetName=made["Id"])
    return found


def test_a_change_set_fails_for_a_name_that_is_taken(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """In a nested stack, too; the event says which, and the same name is no conflict for who has it already."""
    client("sqs").create_queue(QueueName=f"{name}-taken")
    child = stacks.upload({"Resources": {"Taken": queue(f"{name}-taken"), "Free": queue(f"{name}-free")}})
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": child}}

    found = _ask(stacks, name, {"Resources": {"Data": nested, "Own": queue(f"{name}-own")}}, "CREATE")

    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "AWS::EarlyValidation::ResourceExistenceCheck" in found["StatusReason"]
    (event,) = found["Objections"]
    assert (event["LogicalResourceId"], event["EventType"]) == ("Taken", "VALIDATION_ERROR")
    assert event["ValidationName"] == "NAME_CONFLICT_VALIDATION"
    assert f"'{name}-taken' already exists" in event["ValidationStatusReason"]

    other = f"{name}-2"
    stacks.create(other, {"Resources": {"Own": queue(f"{name}-own")}})
    slower = queue(f"{name}-own")
    slower["Properties"]["VisibilityTimeout"] = 7
    kept = _ask(stacks, other, {"Resources": {"Own": slower, "New": queue(f"{name}-new")}}, "UPDATE")
    assert (kept["Status"], kept["Objections"]) == ("CREATE_COMPLETE", [])


def test_quotas_are_the_defaults_of_aws(client: ClientFactory) -> None:
    """Those that are known; a service without any has none."""
    quotas = client("service-quotas")

    listed = quotas.list_service_quotas(ServiceCode="cloudformation")["Quotas"]

    assert [(quota["QuotaName"], quota["Value"]) for quota in listed] == [("Stack count", 2000.0)]
    assert quotas.get_service_quota(ServiceCode="lambda", QuotaCode="L-B99A9384")["Quota"]["Value"] == 1000.0
    assert quotas.list_service_quotas(ServiceCode="sqs")["Quotas"] == []
