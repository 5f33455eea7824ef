"""Stack policies: an update that they deny fails and rolls back, in the root and in nested stacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.conftest import Stacks

ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}


def queue(name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, **properties}}


def deny(*actions: str, resource: str = "*", types: tuple[str, ...] = ()) -> dict[str, Any]:
    condition = {"Condition": {"StringEquals": {"ResourceType": list(types)}}} if types else {}
    return {"Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resource, **condition}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def reasons(stacks: Stacks, name: str) -> str:
    return " ".join(reason for _, status, reason in stacks.events(name) if status == "UPDATE_FAILED")


def test_what_is_denied_fails_and_rolls_back(stacks: Stacks, name: str) -> None:
    """Replacement and deletion are told apart from a change in place; the queue is the same one afterwards."""
    stacks.create(name, template(Orders=queue(f"{name}-1"), Other=queue(f"{name}-2")))
    before = stacks.resources(name)
    protect = deny("Update:Replace", "Update:Delete", resource="LogicalResourceId/Orders")
    stacks.cfn.set_stack_policy(StackName=name, StackPolicyBody=policy(ALLOW, protect))

    assert stacks.update(name, template(Orders=queue(f"{name}-3"), Other=queue(f"{name}-2"))) == (
        "UPDATE_ROLLBACK_COMPLETE"
    )
    assert "Statement [#2] does not allow [Update:Replace]" in reasons(stacks, name)
    assert stacks.update(name, template(Other=queue(f"{name}-2"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "does not allow [Update:Delete]" in reasons(stacks, name)
    assert stacks.resources(name) == before
    changed = template(Orders=queue(f"{name}-1", VisibilityTimeout=7), Other=queue(f"{name}-4"))
    assert stacks.update(name, changed) == "UPDATE_COMPLETE"


def test_a_policy_denies_what_it_does_not_allow_and_an_update_may_bring_its_own(stacks: Stacks, name: str) -> None:
    """The temporary policy holds for one direct update; a policy without sense is refused."""
    stacks.create(name, template(Orders=queue(f"{name}-1")))
    only = {key: value for key, value in ALLOW.items() if key != "Resource"} | {
        "NotResource": "LogicalResourceId/Orders"
    }
    stacks.cfn.set_stack_policy(StackName=name, StackPolicyBody=policy(only))
    slower = template(Orders=queue(f"{name}-1", VisibilityTimeout=7))

    assert stacks.update(name, slower) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.update(name, slower, StackPolicyDuringUpdateBody=policy(ALLOW)) == "UPDATE_COMPLETE"
    assert stacks.update(name, template(Orders=queue(f"{name}-1", VisibilityTimeout=8))) == "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="Invalid stack policy"):
        stacks.cfn.set_stack_policy(StackName=name, StackPolicyBody=policy({"Effect": "Deny"}))


def test_a_nested_stack_has_a_policy_of_its_own_and_its_parent_keeps_it(stacks: Stacks, name: str) -> None:
    """The child's policy keeps what is in it; the parent's keeps the child."""

    def nested(*resources: dict[str, Any]) -> dict[str, Any]:
        body = template(**{f"Queue{number}": item for number, item in enumerate(resources)}, Keep=queue(f"{name}-k"))
        return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": stacks.upload(body)}}

    other = queue(f"{name}-other")
    stacks.create(name, template(Data=nested(queue(f"{name}-1")), Other=other))
    child = stacks.resources(name)["Data"]
    losses = ("Update:Replace", "Update:Delete")
    stacks.cfn.set_stack_policy(
        StackName=child, StackPolicyBody=policy(ALLOW, deny(*losses, types=("AWS::SQS::Queue",)))
    )
    kept = deny(*losses, types=("AWS::CloudFormation::Stack",))
    stacks.cfn.set_stack_policy(StackName=name, StackPolicyBody=policy(ALLOW, kept))
    before = stacks.resources(child)

    assert stacks.update(name, template(Data=nested(queue(f"{name}-2")), Other=other)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.update(name, template(Data=nested(), Other=other)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.update(name, template(Other=other)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.resources(child) == before
    slower = nested(queue(f"{name}-1", VisibilityTimeout=7))
    assert stacks.update(name, template(Data=slower, Other=other)) == "UPDATE_COMPLETE"
