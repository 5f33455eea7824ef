"""The table of CloudFormation's calls: what a part kind from outside adds to it, and what properties bring."""

from __future__ import annotations

import pytest

from tapgen.errors import RenderError
from tapgen.iam.resource_actions import (
    Addition,
    Omission,
    ResourceCalls,
    actions_of,
    known_types,
    property_names,
    register,
    registry,
)

STREAM = ResourceCalls(
    "AWS::Kinesis::Stream",
    create="kinesis:CreateStream DescribeStream",
    delete="kinesis:DeleteStream",
    added=(Addition("kinesis:AddTagsToStream", "Kinesis developer guide, 'Tagging'"),),
    omitted=(Omission("kms:DescribeKey", "not encrypted with a key of ours", unless=("KeyId",)),),
)
# What kinds of parts bring.
WANTED = {
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CertificateManager::Certificate",
    "AWS::Events::EventBus",
    "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Route53::RecordSet",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::SecretsManager::Secret",
}


def test_the_types_of_all_kinds_are_known() -> None:
    """Nobody has to say what a type needs that a kind of ours brings."""
    assert known_types() >= WANTED


def test_a_kind_from_outside_brings_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same row twice is one; another row of the same type is refused."""
    monkeypatch.setattr(registry, "_ROWS", dict(registry._ROWS))
    register(STREAM)
    register(STREAM)

    assert [action for _, action, _ in actions_of("AWS::Kinesis::Stream")] == [
        "kinesis:CreateStream",
        "kinesis:DescribeStream",
        "kinesis:DeleteStream",
        "kinesis:AddTagsToStream",
    ]
    with pytest.raises(RenderError, match="AWS::Kinesis::Stream is registered twice"):
        register(ResourceCalls("AWS::Kinesis::Stream", create="kinesis:CreateStream"))


def test_a_property_makes_an_omission_none() -> None:
    """What is left out for want of a property is there with it, and says so."""
    properties = property_names({"StreamEncryption": [{"KeyId": "x"}]})

    assert properties == {"StreamEncryption", "KeyId"}
    assert list(STREAM.actions(properties))[-1] == (
        "create",
        "kms:DescribeKey",
        "property KeyId of AWS::Kinesis::Stream",
    )


def test_a_type_that_is_not_there_is_told() -> None:
    """With what to pass, and where to read it."""
    with pytest.raises(RenderError, match="AWS::Kinesis::Stream") as caught:
        list(actions_of("AWS::Kinesis::Stream"))

    assert "describe-type" in caught.value.hint
