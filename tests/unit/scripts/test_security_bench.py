"""What the security benchmark counts in templates, on one that is small enough to count by hand."""

from __future__ import annotations

from typing import Any

from scripts.benchmarks.security.bench import Column, Figures, draw, faults
from scripts.benchmarks.security.policies import actions_of, read_roles, unscoped, wildcard_actions_of


def _template() -> dict[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    inline = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": {"Fn::GetAtt": ["Table", "Arn"]}}
    denied = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
    attached = {"Effect": "Allow", "Action": ["sqs:SendMessage*"], "Resource": "*", "Condition": {"Bool": {"a": "b"}}}
    role = {
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "inline", "PolicyDocument": {"Statement": [inline, denied]}}],
        "ManagedPolicyArns": {
            "Fn::If": [
                "Given",
                {"Ref": "Given"},
                [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/x/AWSXrayWriteOnlyAccess"}],
            ]
        },
    }
    policy = {"Roles": [{"Ref": "ApiRole"}], "PolicyDocument": {"Statement": [attached]}}
    return {
        "Resources": {
            "ApiRole": {"Type": "AWS::IAM::Role", "Properties": role},
            "ApiPolicy": {"Type": "AWS::IAM::Policy", "Properties": policy},
        }
    }


def test_every_way_to_grant_counts() -> None:
    """Inline, attached and AWS's own policies; what is denied is not, and a wildcard is what it covers."""
    roles = read_roles([_template()], "lambda")

    assert [role.logical_id for role in roles] == ["ApiRole"]
    assert {action for action in actions_of(roles) if not action.startswith("xray:")} == {
        "dynamodb:getitem",
        "sqs:sendmessage",
    }
    assert wildcard_actions_of(roles) == {"sqs:sendmessage"}
    assert unscoped(roles) == (2, 1)
    assert read_roles([_template()], "codedeploy") == []


def test_a_figure_that_may_not_be_fails_the_benchmark() -> None:
    """Ours: no finding, no wildcard, nothing on every resource without a condition."""
    good = Figures(checks=(9, 0, 1), bytes=10, wildcard_actions=0, unscoped=1, unconditional=0, actions={"API": 3})
    bad = Figures(checks=(9, 1, 1), bytes=10, wildcard_actions=2, unscoped=1, unconditional=1, actions={"API": 3})

    assert list(faults(Column(name="ours", service=good, bootstrap=good))) == []
    assert len(list(faults(Column(name="ours", service=bad, bootstrap=good)))) == 3


def test_what_was_not_measured_says_so_in_every_row() -> None:
    """A tool that is missing leaves no empty cell."""
    good = Figures(checks=(9, 0, 1), bytes=10, wildcard_actions=0, unscoped=1, unconditional=0, actions={"API": 3})
    head, _, *rows = draw(
        {"tapgen": Column(name="ours", service=good, bootstrap=good), "cdk": "not measured: no node"}
    ).splitlines()

    assert head == "|  | ours | CDK |"
    assert rows
    assert all(row.endswith("| not measured: no node |") for row in rows)
