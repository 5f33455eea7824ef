"""Gates on the embedded AWS: what would lose data or open something is refused, and done when it is allowed by name."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.deploy.state.live_templates import list_stack_ids
from tapgen.engine.deployment import deployment_of
from tapgen.errors import DeploymentError, RefusedError, UsageError
from tapgen.gates.allowances import Allowances
from tapgen.gates.stack_policy import standing_policy
from tests.local.deploy.service import broken, queue

if TYPE_CHECKING:
    from tapgen.ledger.record import Record
    from tests.local.deploy.service import Service

ORDERS = "Data.Orders"


def _allow(*names: str) -> dict[str, Any]:
    return {"allowances": Allowances(replace=names)}


def _send(service: Service, name: str) -> None:
    """A message that must not be lost."""
    client = service.aws.client("sqs")
    client.send_message(QueueUrl=client.get_queue_url(QueueName=name)["QueueUrl"], MessageBody="an order")


def _count(service: Service, name: str) -> int | None:
    """Messages in a queue; None when it is gone."""
    client = service.aws.client("sqs")
    try:
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
    except ClientError:
        return None
    names: list[Any] = ["ApproximateNumberOfMessages"]
    return int(client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]])


def _policies(service: Service) -> dict[str, str]:
    """The policy of each stack, by its label."""
    client = service.aws.client("cloudformation")
    root = client.describe_stacks(StackName=service.name)["Stacks"][0]["StackId"]
    return {
        label: client.get_stack_policy(StackName=stack).get("StackPolicyBody", "")
        for label, stack in list_stack_ids(service.context, root).items()
    }


def _last(service: Service) -> Record:
    return deployment_of(service.render()).ledger(service.context).read_all()[-1]


@pytest.mark.parametrize("way", ["replace", "delete", "stack"])
def test_data_survives_a_deploy_that_would_take_it(service: Service, way: str) -> None:
    """Another name, no such resource, no such stack: refused with the cause. The switch shows that it would be lost."""
    name = f"{service.name}-orders"
    service.deploy()
    _send(service, name)
    if way == "replace":
        service.resources["Data"]["Orders"] = queue(f"{name}-2")
    elif way == "delete":
        service.resources["Data"] = {"Other": queue(f"{name}-2")}
    else:
        del service.resources["Data"]

    with pytest.raises(RefusedError, match="would lose data") as caught:
        service.deploy()

    assert (caught.value.exit_code, caught.value.code) == (3, "data-loss")
    assert caught.value.why.startswith(f"{ORDERS} (AWS::SQS::Queue)")
    assert way != "replace" or "QueueName: it would be replaced" in caught.value.why
    assert _count(service, name) == 1
    pending = service.aws.client("cloudformation").list_change_sets(StackName=service.name)["Summaries"]
    assert not [item for item in pending if item["ExecutionStatus"] == "AVAILABLE"]
    last = _last(service)
    assert last.execution is None
    assert last.outcome is not None
    assert last.outcome.status == "abandoned"

    assert service.deploy(**_allow(ORDERS)).status == "done"
    assert _count(service, name) is None
    assert set(_policies(service).values()) == {standing_policy()}


def test_protection_stays_unless_the_record_says_who_took_it_back(service: Service) -> None:
    """A shorter retention is refused; what was allowed, and by whom, is in the record; a wrong name is an error."""
    orders = f"{service.name}-orders"
    service.resources["Data"]["Orders"] = queue(orders, MessageRetentionPeriod=1209600)
    service.deploy()
    service.resources["Data"]["Orders"] = queue(orders, MessageRetentionPeriod=60)

    with pytest.raises(RefusedError) as caught:
        service.deploy()
    with pytest.raises(UsageError, match="Jobs") as unneeded:
        service.deploy(**_allow("Orders", "Compute.Jobs"))

    assert caught.value.why == f"{ORDERS} (AWS::SQS::Queue) MessageRetentionPeriod: 1209600 becomes 60"
    assert unneeded.value.code == "allowance-unneeded"
    assert service.deploy(**_allow("Orders")).status == "done"
    record = _last(service)
    assert record.plan is not None
    assert record.plan.allowed == (caught.value.why,)
    assert record.intent.allowances is not None
    assert record.intent.allowances.replace == ("Orders",)
    assert record.intent.allowances.allowed_by.endswith(":root")


def test_somebody_elses_update_is_refused_by_the_stack_policy(service: Service) -> None:
    """Past tapgen, with the root's and the nested stack's own update: CloudFormation refuses, and the data stays."""
    name = f"{service.name}-orders"
    service.deploy()
    _send(service, name)
    client = service.aws.client("cloudformation")
    assert set(_policies(service).values()) == {standing_policy()}
    root = client.describe_stacks(StackName=service.name)["Stacks"][0]["StackId"]
    nested = list_stack_ids(service.context, root)["Data"]

    client.update_stack(StackName=nested, TemplateBody=json.dumps({"Resources": {"Orders": queue(f"{name}-2")}}))
    _settle(service, nested)
    service_root = json.loads(service.render().root.body)
    del service_root["Resources"]["Data"]
    release = [{"ParameterKey": "ReleaseId", "ParameterValue": "0"}]
    client.update_stack(StackName=root, TemplateBody=json.dumps(service_root), Parameters=release)  # type: ignore[arg-type]  # a literal
    _settle(service, root)

    for stack in (nested, root):
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
        assert any("denied by stack policy" in event.get("ResourceStatusReason", "") for event in events), stack
    assert _count(service, name) == 1


def test_a_killed_replacement_leaves_no_open_policy(service: Service) -> None:
    """What was allowed to one deploy is nobody's any more once the next command has found out how it ended."""
    service.deploy()
    service.resources["Data"]["Orders"] = queue(f"{service.name}-orders-2")
    assert service.deploy(detach=True, **_allow(ORDERS)).status == "started"
    root = service.aws.client("cloudformation").describe_stacks(StackName=service.name)["Stacks"][0]["StackId"]
    _settle(service, root)
    assert set(_policies(service).values()) != {standing_policy()}

    service.resources["Data"]["Orders"] = queue(f"{service.name}-orders-3")
    with pytest.raises(RefusedError):
        service.deploy()

    assert set(_policies(service).values()) == {standing_policy()}


def test_a_replacement_that_fails_leaves_no_open_policy(service: Service) -> None:
    """CloudFormation rolls back, and the policies stand again."""
    service.deploy()
    service.resources["Data"]["Orders"] = queue(f"{service.name}-orders-2")
    service.resources["Compute"]["Broken"] = broken()

    with pytest.raises(DeploymentError):
        service.deploy(**_allow(ORDERS))

    assert set(_policies(service).values()) == {standing_policy()}


def test_what_is_open_to_everybody_is_allowed_by_name_alone(service: Service) -> None:
    """A queue policy for everybody is more than a broader one: another resource's name does not help, its own does."""
    url = {"Fn::Sub": f"https://sqs.${{AWS::Region}}.amazonaws.com/${{AWS::AccountId}}/{service.name}-jobs"}

    def let(principal: Any) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [url], "PolicyDocument": document}}

    service.resources["Compute"]["Entry"] = let({"AWS": "arn:aws:iam::000000000000:root"}) | {"DependsOn": "Jobs"}
    service.deploy()
    service.resources["Compute"]["Entry"] = let("*") | {"DependsOn": "Jobs"}

    with pytest.raises(RefusedError, match="would let somebody do more"):
        service.deploy()
    with pytest.raises(RefusedError, match="open to everybody") as caught:
        service.deploy(allowances=Allowances(broadening=True))

    assert caught.value.why == "Compute.Entry (AWS::SQS::QueuePolicy) PolicyDocument: everybody may sqs:SendMessage"
    with pytest.raises(RefusedError, match="open to everybody"):
        service.deploy(allowances=Allowances(broadening=True, public=("Jobs",)))
    assert service.deploy(allowances=Allowances(broadening=True, public=("Compute.Entry",))).status == "done"
    assert service.deploy().status == "unchanged"


def _settle(service: Service, stack: str) -> None:
    """Wait until no operation runs on a stack."""
    client = service.aws.client("cloudformation")
    deadline = time.monotonic() + 60
    while client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"):
        assert time.monotonic() < deadline, stack
        time.sleep(0.02)
