"""Rules of services that no schema holds: each refuses what it is about, in a stack too, and says where AWS says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.extension.cloudformation.service_rules import RULES, find_refusals
from tapgen.local.extension.cloudformation.service_rules.rule import Asked
from tapgen.local.extension.cloudformation.service_rules.stage_rules import delivery_fault
from tests.local.extension.templates import function, role, table

if TYPE_CHECKING:
    from tests.local.conftest import Stacks

TABLE, FUNCTION, ROLE = "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::IAM::Role"
ALARM, BUCKET = "AWS::CloudWatch::Alarm", "AWS::S3::Bucket"
ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}
LARGE = {"PolicyName": "p", "PolicyDocument": {"Statement": [{"Sid": "s" * 10_240}]}}


def index(name: str) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": [], "Projection": {}}


TWO_INDEXES = ON_DEMAND | {"GlobalSecondaryIndexes": [index("a"), index("b")]}
THROUGHPUT = {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}


def lifecycle(**rule: Any) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", **rule}]}}


def to(storage: str, days: int) -> list[dict[str, Any]]:
    return [{"StorageClass": storage, "TransitionInDays": days}]


@pytest.mark.parametrize(
    ("name", "kind", "properties", "before"),
    [
        ("dynamodb-one-index-at-a-time", TABLE, TWO_INDEXES, ON_DEMAND),
        ("dynamodb-local-indexes-stay", TABLE, ON_DEMAND | {"LocalSecondaryIndexes": [index("a")]}, ON_DEMAND),
        ("dynamodb-throughput-by-billing-mode", TABLE, ON_DEMAND | THROUGHPUT, None),
        ("dynamodb-throughput-by-billing-mode", TABLE, {}, None),
        ("lambda-timeout", FUNCTION, {"Timeout": 901}, None),
        ("lambda-environment", FUNCTION, {"Environment": {"Variables": {"AWS_REGION": "x"}}}, None),
        ("lambda-environment", FUNCTION, {"Environment": {"Variables": {"TEXT": "x" * 4093}}}, None),
        ("lambda-unreserved-concurrency", FUNCTION, {"ReservedConcurrentExecutions": 901}, None),
        ("iam-inline-size", ROLE, {"Policies": [LARGE]}, None),
        ("iam-inline-size", "AWS::IAM::Policy", LARGE | {"Roles": ["r"]}, None),
        ("iam-managed-size", "AWS::IAM::ManagedPolicy", LARGE, None),
        ("iam-trust-size", ROLE, {"AssumeRolePolicyDocument": LARGE["PolicyDocument"]}, None),
        ("iam-attachments", ROLE, {"ManagedPolicyArns": [str(number) for number in range(11)]}, None),
        ("cloudwatch-period", ALARM, {"Period": 45}, None),
        ("cloudwatch-window", ALARM, {"Period": "300", "EvaluationPeriods": "289"}, None),
        ("cloudwatch-window", ALARM, {"Metrics": [{"MetricStat": {"Period": 3600}}], "EvaluationPeriods": 169}, None),
        ("cloudwatch-datapoints", ALARM, {"Period": 60, "EvaluationPeriods": 2, "DatapointsToAlarm": 3}, None),
        ("cloudwatch-one-statistic", ALARM, {"Period": 60, "Statistic": "Sum", "ExtendedStatistic": "p99"}, None),
        ("s3-infrequent-access-after-30-days", BUCKET, lifecycle(Transitions=to("STANDARD_IA", 29)), None),
        ("s3-expiration-after-transition", BUCKET, lifecycle(Transitions=to("GLACIER", 30), ExpirationInDays=30), None),
    ],
)
def test_a_rule_refuses_what_it_is_about(
    name: str, kind: str, properties: dict[str, Any], before: dict[str, Any] | None
) -> None:
    """By its own name, and no other rule does."""
    asked = Asked(properties=properties, before=before, physical_id="")
    assert [rule.name for rule in RULES if rule.resource_type == kind and rule.refusal(asked)] == [name]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (TABLE, TWO_INDEXES),
        (TABLE, THROUGHPUT),
        (FUNCTION, {"Timeout": 900, "Environment": {"Variables": {"TEXT": "x" * 4092}}}),
        (FUNCTION, {"ReservedConcurrentExecutions": 0}),
        (ALARM, {"Period": 300, "EvaluationPeriods": 288, "DatapointsToAlarm": 1, "Statistic": "Sum"}),
        (ALARM, {"Period": 3600, "EvaluationPeriods": 168}),
        (ALARM, {"Period": 10, "EvaluationPeriods": 1}),
        (BUCKET, lifecycle(Transitions=to("GLACIER_IR", 0), ExpirationInDays=1)),
        (ROLE, {"ManagedPolicyArns": ["a"], "AssumeRolePolicyDocument": {"Statement": []}}),
    ],
)
def test_what_is_just_allowed_passes(kind: str, properties: dict[str, Any]) -> None:
    """The limits themselves are values that AWS takes."""
    assert find_refusals(kind, Asked(properties=properties, before=None, physical_id="")) == []


def test_deliveries_of_logs_share_one_policy() -> None:
    """Some sixty groups fill it; those below the common prefix need one entry together."""
    own = [f"arn:aws:logs:eu-central-1:000000000000:log-group:shop-{number}-access:*" for number in range(70)]
    shared = [arn.replace("log-group:", "log-group:/aws/vendedlogs/") for arn in own]
    assert "either < 1 or > 5120" in delivery_fault(own)
    assert delivery_fault([*own[:30], *shared]) == ""


def test_every_rule_says_where_it_is_from() -> None:
    """A rule that nobody can look up would be an opinion."""
    assert all(len(rule.source) > len("API reference") for rule in RULES)


def test_a_stack_fails_for_a_rule(stacks: Stacks, name: str) -> None:
    """With AWS's reason at the resource, when it is created and when it is changed."""
    long = {"Resources": {"Role": role(), "Function": function(name, Timeout=901)}}
    assert stacks.create(name, long) == "ROLLBACK_COMPLETE"
    (reason,) = [
        text
        for logical_id, status, text in stacks.events(name)
        if (logical_id, status) == ("Function", "CREATE_FAILED")
    ]
    assert "Member must have value less than or equal to 900" in reason
    assert "HandlerErrorCode: InvalidRequest" in reason

    other = f"{name}-2"
    assert stacks.create(other, {"Resources": {"Table": table(other)}}) == "CREATE_COMPLETE"
    provisioned = table(other, BillingMode="PROVISIONED")
    assert stacks.update(other, {"Resources": {"Table": provisioned}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "must both be specified when BillingMode is PROVISIONED" in " ".join(
        text for *_, text in stacks.events(other)
    )
