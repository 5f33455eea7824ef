"""Provisioned concurrency of an alias, and the targets and policies that scale it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local.server import LocalAws
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.deliveries import Reader, ref, resource
from tests.local.extension.shift_service import AT_ONCE, CANARY, Guarded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.conftest import ClientFactory

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
DIMENSION = "lambda:function:ProvisionedConcurrency"


def template(reader: Reader, *, provisioned: int = 2, weights: bool = False, **function: Any) -> dict[str, Any]:
    """An alias with provisioned concurrency, and with a second version where it has weights."""
    resources = reader.resources(**function)
    if provisioned:
        resources["Live"]["Properties"]["ProvisionedConcurrencyConfig"] = {
            "ProvisionedConcurrentExecutions": provisioned
        }
    if weights:
        resources["Live"]["Properties"]["RoutingConfig"] = {
            "AdditionalVersionWeights": [{"FunctionVersion": "2", "FunctionWeight": 0.1}]
        }
    return {"Resources": resources}


def scaled(reader: Reader, *, maximum: int = 10) -> dict[str, Any]:
    """The same with target tracking."""
    made = template(reader)
    metric = {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}
    made["Resources"] |= {
        "Target": resource(
            TARGET,
            ("Live",),
            MinCapacity=2,
            MaxCapacity=maximum,
            ResourceId={"Fn::Sub": "function:${Reader}:live"},
            ScalableDimension=DIMENSION,
            ServiceNamespace="lambda",
        ),
        "Policy": resource(
            POLICY,
            PolicyName="utilization",
            PolicyType="TargetTrackingScaling",
            ScalingTargetId=ref("Target"),
            TargetTrackingScalingPolicyConfiguration={"TargetValue": 0.7, "PredefinedMetricSpecification": metric},
        ),
    }
    return made


def test_an_alias_has_its_environments(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """The number is recorded and ready; an update changes it, and dropping it takes it away."""
    assert stacks.create(name, template(reader)) == "CREATE_COMPLETE"
    function = stacks.resources(name)["Reader"]
    place = {"FunctionName": function, "Qualifier": "live"}
    found = client("lambda").get_provisioned_concurrency_config(**place)
    assert (found["RequestedProvisionedConcurrentExecutions"], found["Status"]) == (2, "READY")
    assert stacks.update(name, template(reader, provisioned=5)) == "UPDATE_COMPLETE"
    found = client("lambda").get_provisioned_concurrency_config(**place)
    assert found["RequestedProvisionedConcurrentExecutions"] == 5
    assert stacks.update(name, template(reader, provisioned=0)) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="ProvisionedConcurrencyConfigNotFound"):
        client("lambda").get_provisioned_concurrency_config(**place)


def test_a_weighted_alias_has_none(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Neither from a template, nor by a request, nor by giving weights to an alias that has some."""
    refusal = "Alias with weights can not be used with Provisioned Concurrency"
    stacks.create(name, template(reader, provisioned=0))
    function = stacks.resources(name)["Reader"]
    _publish(client, function)
    assert stacks.update(name, template(reader, weights=True)) == "UPDATE_ROLLBACK_COMPLETE"
    assert refusal in " ".join(reason for _, _, reason in stacks.events(name))

    weighted = {"AdditionalVersionWeights": {"2": 0.1}}
    client("lambda").update_alias(FunctionName=function, Name="live", RoutingConfig=weighted)
    with pytest.raises(ClientError, match=refusal):
        client("lambda").put_provisioned_concurrency_config(
            FunctionName=function, Qualifier="live", ProvisionedConcurrentExecutions=1
        )
    client("lambda").update_alias(FunctionName=function, Name="live", RoutingConfig={})
    client("lambda").put_provisioned_concurrency_config(
        FunctionName=function, Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    with pytest.raises(ClientError, match=refusal):
        client("lambda").update_alias(FunctionName=function, Name="live", RoutingConfig=weighted)
    client("lambda").update_alias(FunctionName=function, Name="live", FunctionVersion="2")


def _publish(client: ClientFactory, function: str) -> None:
    """Version 2, of a function that has changed."""
    client("lambda").update_function_configuration(FunctionName=function, Description="second")
    assert client("lambda").publish_version(FunctionName=function)["Version"] == "2"


@pytest.mark.parametrize(
    ("qualifier", "wanted", "reason"),
    [("$LATEST", 1, "unpublished"), ("live", 0, "1|greater"), ("live", 9, "reservedConcurrentExecution")],
)
def test_what_lambda_refuses_is_refused(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader, *, qualifier: str, wanted: int, reason: str
) -> None:
    """Unpublished code, no environment at all, and more than the function reserves."""
    stacks.create(name, template(reader, ReservedConcurrentExecutions=5))
    function = stacks.resources(name)["Reader"]
    with pytest.raises(Exception, match=reason):
        client("lambda").put_provisioned_concurrency_config(
            FunctionName=function, Qualifier=qualifier, ProvisionedConcurrentExecutions=wanted
        )


def test_target_tracking_is_recorded(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Target and policy are what the service answers; both change in place, and go with the stack."""
    assert stacks.create(name, scaled(reader)) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    scaling = client("application-autoscaling")
    resource_id = f"function:{made['Reader']}:live"
    assert made["Target"] == f"{resource_id}|{DIMENSION}|lambda"
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="lambda", ResourceIds=[resource_id])[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="lambda", ResourceId=resource_id)["ScalingPolicies"]
    assert policy["PolicyARN"] == made["Policy"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.7

    assert stacks.update(name, scaled(reader, maximum=20)) == "UPDATE_COMPLETE"
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="lambda", ResourceIds=[resource_id])[
        "ScalableTargets"
    ]
    assert target["MaxCapacity"] == 20
    assert stacks.resources(name)["Policy"] == made["Policy"]
    stacks.delete(name)
    assert not scaling.describe_scalable_targets(ServiceNamespace="lambda", ResourceIds=[resource_id])[
        "ScalableTargets"
    ]


def test_a_target_must_exist(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """An alias that nobody has is no target, and the capacities must make sense."""
    made = scaled(reader, maximum=1)
    assert stacks.create(name, made) == "ROLLBACK_COMPLETE"
    assert "less than minimum" in " ".join(reason for _, _, reason in stacks.events(name))
    with pytest.raises(ClientError, match="ValidationException"):
        client("application-autoscaling").register_scalable_target(
            ServiceNamespace="lambda",
            ResourceId=f"function:{name}:missing",
            ScalableDimension=DIMENSION,
            MinCapacity=1,
            MaxCapacity=2,
        )


def test_a_change_set_tells_what_replaces(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Another name of the policy is another policy; another capacity is not another target."""
    stacks.create(name, scaled(reader))
    changed = scaled(reader, maximum=20)
    changed["Resources"]["Policy"]["Properties"]["PolicyName"] = "other"
    made = client("cloudformation").create_change_set(
        StackName=name, ChangeSetName="changes", TemplateBody=json.dumps(changed), Capabilities=["CAPABILITY_IAM"]
    )
    changes = client("cloudformation").describe_change_set(ChangeSetName=made["Id"])["Changes"]
    found = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"]["Replacement"] for each in changes}
    assert found == {"Target": "False", "Policy": "True"}


def test_what_is_registered_survives_a_restart(tmp_path: Path, name: str) -> None:
    """Targets and policies are there again, and the stack still knows them."""
    aws = LocalAws(tmp_path / "aws", lifetime="parent")
    try:
        client = client_factory(aws.ensure_running())
        made = scaled(Reader(tmp_path / "diary"))
        assert Stacks(client).create(name, made) == "CREATE_COMPLETE"
        before = Stacks(client).resources(name)
        aws.stop()
        client = client_factory(aws.ensure_running())
        scaling = client("application-autoscaling")
        (target,) = scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
        (policy,) = scaling.describe_scaling_policies(ServiceNamespace="lambda")["ScalingPolicies"]
        assert (target["MaxCapacity"], policy["PolicyARN"]) == (10, before["Policy"])
        assert Stacks(client).delete(name) == "DELETE_COMPLETE"
        assert not scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
    finally:
        aws.stop()


@pytest.mark.parametrize(("config", "status"), [(AT_ONCE, "UPDATE_COMPLETE"), (CANARY, "UPDATE_ROLLBACK_COMPLETE")])
def test_such_an_alias_shifts_all_at_once(
    shift_stacks: Stacks, shift_client: ClientFactory, name: str, *, config: str, status: str
) -> None:
    """A canary would need weights, which Lambda refuses: the deployment fails with Lambda's reason."""
    service = Guarded(name, config=config)
    shift_stacks.create(name, service.template())
    shift_client("lambda").put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    service.release = 2
    assert shift_stacks.update(name, service.template()) == status
    alias = shift_client("lambda").get_alias(FunctionName=name, Name="live")
    assert alias["FunctionVersion"] == ("2" if config == AT_ONCE else "1")
    told = " ".join(reason for _, _, reason in shift_stacks.events(name))
    assert ("Alias with weights can not be used" in told) == (config == CANARY)
