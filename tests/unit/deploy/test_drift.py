"""Drift as values: what is expected where CloudFormation sees nothing, findings merged, changes that hit them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tapgen.deploy.drift.expectation import (
    ExpectedGroup,
    ExpectedPolicy,
    ExpectedRetention,
    ExpectedSubscription,
    Surroundings,
    expect,
    resolve,
)
from tapgen.deploy.drift.model import (
    DriftedProperty,
    DriftedResource,
    DriftReport,
    Unchecked,
    decode_report,
    encode_report,
    merge,
)
from tapgen.deploy.drift.overwriting import find_overwritten
from tapgen.model import Change
from tests.unit.templates.variants import environment, templates

SEEN_AT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
AROUND = Surroundings(
    account_id="123456789012",
    region="eu-west-1",
    partition="aws",
    url_suffix="amazonaws.com",
    parameters={"BreakGlass": "false"},
)
GROUP = DriftedResource(
    stack="Compute",
    logical_id="ApiLogGroup",
    resource_type="AWS::Logs::LogGroup",
    physical_id="/aws/lambda/api",
    status="MODIFIED",
    seen_by="CloudFormation",
    properties=(DriftedProperty(path="RetentionInDays", expected=7, actual=365),),
)
REPORT = DriftReport(
    deployment="transactions-prod",
    release_id="0123456789abcdef",
    checked_at=SEEN_AT,
    who="arn:aws:iam::123456789012:user/one",
    resources=(GROUP,),
    checked=40,
    unchecked=(Unchecked(stack="Compute", logical_id="Api", resource_type="AWS::ApiGatewayV2::Api"),),
)


def _modify(stack: str, logical_id: str, *, action: str = "Modify") -> tuple[Change, ...]:
    child = Change(action=action, logical_id=logical_id, resource_type="AWS::Logs::LogGroup")  # type: ignore[arg-type]  # one of the actions
    return (Change(action="Modify", logical_id=stack, resource_type="AWS::CloudFormation::Stack", children=(child,)),)


def test_everything_that_is_looked_at_is_found_in_the_templates() -> None:
    """Physical names, as the release has them; nothing that takes more than the account and the region to know."""
    found = [
        each
        for stack, template in templates(environment("prod")).items()
        if stack != "bootstrap"
        for each in expect(stack.capitalize(), template, AROUND)
    ]

    groups = [each for each in found if isinstance(each, ExpectedGroup)]
    assert {each.group for each in groups} == {
        "transactions-prod-eu-west-1-api",
        "transactions-prod-eu-west-1-archiver",
    }
    assert "transactions-prod-eu-west-1-guard-api-5xx" in groups[0].alarms
    assert groups[0].rollback_events == (
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST",
    )
    assert {each.days for each in found if isinstance(each, ExpectedRetention)} == {365}
    subscriptions = [(each.protocol, each.endpoint) for each in found if isinstance(each, ExpectedSubscription)]
    assert ("email", "payments-platform@example.com") in subscriptions
    policies = {each.bucket: each.document for each in found if isinstance(each, ExpectedPolicy)}
    assert set(policies) == {
        "transactions-prod-eu-west-1-archive-123456789012",
        "transactions-prod-eu-west-1-access-logs-123456789012",
    }
    assert "${" not in str(policies)


def test_a_broken_glass_expects_one_guard_less() -> None:
    """The operation that broke it took the standing guard out on purpose: that is no drift."""
    template = templates(environment("prod"))["compute"]
    broken = replace(AROUND, parameters={"BreakGlass": "true"})

    whole, less = (
        next(each for each in expect("Compute", template, around) if isinstance(each, ExpectedGroup))
        for around in (AROUND, broken)
    )

    assert set(whole.alarms) - set(less.alarms) == {"transactions-prod-eu-west-1-guard-api-5xx"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::x-${AWS::Region}"}, "arn:aws:s3:::x-eu-west-1"),
        ({"Fn::Sub": "${Api}"}, None),
        ({"Ref": "Table"}, None),
        ([{"Ref": "Table"}, "a"], None),
        ({"a": {"Fn::GetAtt": ["Key", "Arn"]}}, {"a": {"Fn::GetAtt": ["Key", "Arn"]}}),
        ({"a": [1, True]}, {"a": [1, True]}),
    ],
)
def test_a_value_is_resolved_as_far_as_account_and_region_go(value: object, expected: object) -> None:
    """What needs a resource is not compared at all, rather than wrongly."""
    assert resolve(value, AROUND) == expected


def test_cloudformations_word_on_a_property_stands() -> None:
    """Its change set can revert it; our look adds what it does not have."""
    looked = replace(
        GROUP,
        seen_by="tapgen",
        properties=(*GROUP.properties, DriftedProperty(path="KmsKeyId", expected="a", actual="b")),
    )
    gone = replace(GROUP, status="DELETED", properties=())

    first, second = merge((GROUP,), (looked,))
    assert (first, [each.path for each in second.properties]) == (GROUP, ["KmsKeyId"])
    assert merge((gone,), (looked,)) == (gone,)
    assert merge((), (looked,)) == (looked,)


def test_a_report_is_kept_as_it_is_and_never_in_the_way() -> None:
    """Reading gives what was written; one that cannot be read is none, since it is a hint."""
    assert decode_report(encode_report(REPORT)) == REPORT
    for body in (b"", b"{}", b"[]", b'{"schema_version": 99}', encode_report(REPORT).replace(b'"who"', b'"whom"')):
        assert decode_report(body) is None


def test_a_deploy_is_warned_of_what_it_changes() -> None:
    """Only of resources that its change set changes or removes, and only while the report is newer than the stack."""
    before, after = SEEN_AT - timedelta(hours=1), SEEN_AT + timedelta(hours=1)

    (text,) = find_overwritten(_modify("Compute", "ApiLogGroup"), REPORT, updated_at=before)
    assert "Compute.ApiLogGroup has drifted: RetentionInDays is 365 instead of 7; this deploy changes it" in text
    assert list(find_overwritten(_modify("Compute", "ApiLogGroup", action="Remove"), REPORT, updated_at=before))
    assert not list(find_overwritten(_modify("Compute", "Other"), REPORT, updated_at=before))
    assert not list(find_overwritten(_modify("Data", "ApiLogGroup"), REPORT, updated_at=before))
    assert not list(find_overwritten(_modify("Compute", "ApiLogGroup"), REPORT, updated_at=after))
    assert not list(find_overwritten(_modify("Compute", "ApiLogGroup"), None, updated_at=before))
