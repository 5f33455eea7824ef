"""The ceiling of a service: wide enough for its roles, the same while it grows, closed to what none may ever do."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.errors import RenderError
from tapgen.iam import families
from tapgen.iam.boundary import Existing, boundary_policy, boundary_reasons, find_beyond
from tapgen.iam.families import Family
from tapgen.iam.grants import grants_of, listed, matches
from tapgen.iam.policies import MAX_MANAGED_CHARACTERS, characters
from tapgen.naming import Names
from tapgen.templates.bootstrap import make_blueprint
from tests.unit.templates.variants import ENVIRONMENTS, VARIANTS, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.iam.execution import Blueprint

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:billing-{}"


@cache
def _blueprint(name: str) -> Blueprint:
    return make_blueprint(VARIANTS[name])


def _names(name: str = "prod", **changes: Any) -> Names:
    return Names(environment(name, **changes))


def _denies(document: dict[str, Any], action: str) -> Iterator[dict[str, Any]]:
    for statement in document["Statement"]:
        if statement["Effect"] == "Deny" and any(matches(found, action) for found in listed(statement["Action"])):
            yield statement


@pytest.mark.parametrize("name", VARIANTS)
def test_it_takes_nothing_from_the_roles(name: str) -> None:
    """What the roles of the shipped service are granted is below the ceiling, and every role carries it."""
    blueprint = _blueprint(name)

    assert list(find_beyond(boundary_policy(blueprint.names), blueprint.templates)) == []
    for role in blueprint.resources("AWS::IAM::Role"):
        assert role["Properties"]["PermissionsBoundary"]["Fn::Sub"].endswith(f":policy/{blueprint.names.boundary}")


def test_what_goes_beyond_is_named() -> None:
    """A role with an action that no family has, or on a name that is not ours."""
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": ["sqs:PurgeQueue", "sqs:SendMessage"], "Resource": QUEUE.format("jobs")},
        ]
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "Policies": [{"PolicyDocument": document}]}}
    templates = [{"Resources": {"Role": role}}]
    existing = [Existing(arn=QUEUE.format("*"))]

    found = [(role, grant.action) for role, grant in find_beyond(boundary_policy(_names()), templates)]
    assert found == [("r", "sqs:PurgeQueue"), ("r", "sqs:SendMessage")]
    found = [(role, grant.action) for role, grant in find_beyond(boundary_policy(_names(), existing), templates)]
    assert found == [("r", "sqs:PurgeQueue")]


@pytest.mark.parametrize("name", ENVIRONMENTS.names)
def test_it_fits_with_the_longest_names(name: str) -> None:
    """One policy, in the longest region and partition, with names as long as a role's name allows."""
    longest = dataclasses.replace(
        environment(name), project="p" * 20, name="e" * 17, region="ap-southeast-1", artifact_bucket="a" * 63
    )

    assert characters(boundary_policy(Names(longest))) <= MAX_MANAGED_CHARACTERS


def test_no_allow_has_a_pattern_of_actions() -> None:
    """Each allowed action is named; a Deny may cover those of tomorrow."""
    assert not [grant.action for grant in grants_of(boundary_policy(_names())) if "*" in grant.action]


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:RetireGrant",
        "organizations:LeaveOrganization",
        "account:CloseAccount",
        "sts:AssumeRole",
    ],
)
def test_what_no_role_may_ever_do_is_denied(action: str) -> None:
    """By a Deny on everything, so that no policy of a resource lets it through."""
    assert any(statement["Resource"] == "*" for statement in _denies(boundary_policy(_names()), action))


def test_no_role_uses_what_is_of_another_account() -> None:
    """Unless the service says so, by an ARN with that account; requests that do not tell it are let through."""
    foreign = Existing(arn="arn:aws:sqs:eu-west-1:210987654321:partner")

    def accounts(document: dict[str, Any]) -> Any:
        (statement,) = (found for found in document["Statement"] if found["Sid"] == "NoOtherAccounts")
        assert statement["Condition"]["Null"] == {"aws:ResourceAccount": "false"}
        return statement["Condition"]["StringNotEquals"]["aws:ResourceAccount"]

    assert accounts(boundary_policy(_names())) == {"Ref": "AWS::AccountId"}
    assert accounts(boundary_policy(_names(), [foreign])) == [{"Ref": "AWS::AccountId"}, "210987654321"]


def test_the_artifacts_are_nobodys_at_run_time() -> None:
    """The artifact bucket is named like a bucket of the service."""
    denied = [statement["Resource"] for statement in _denies(boundary_policy(_names()), "s3:PutObject")]

    assert {"Fn::Sub": "arn:${AWS::Partition}:s3:::transactions-prod-eu-west-1-artifacts-123456789012*"} in denied


def test_what_exists_is_added_to_its_family() -> None:
    """With what its actions act on: the objects of a bucket, the indexes of a table."""
    existing = [
        Existing(arn="arn:aws:s3:::billing-reports"),
        Existing(arn="arn:aws:dynamodb:eu-west-1:123456789012:table/billing"),
        Existing(arn="arn:aws:kms:eu-west-1:123456789012:key/1"),
        Existing(arn="arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", actions=("kinesis:PutRecord",)),
        Existing(arn="arn:aws:iam::123456789012:role/worker"),
    ]
    grants = {(grant.action, grant.resource) for grant in _readable(boundary_policy(_names(), existing))}

    assert ("s3:GetObject", "arn:aws:s3:::billing-reports/*") in grants
    assert ("s3:ListBucket", "arn:aws:s3:::billing-reports") in grants
    assert ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:123456789012:table/billing/*") in grants
    assert ("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/1") in grants
    assert ("kinesis:PutRecord", "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks") in grants
    assert not [resource for _, resource in grants if resource == "arn:aws:iam::123456789012:role/worker"]


def _readable(document: dict[str, Any]) -> Iterator[Any]:
    for grant in grants_of(document):
        if isinstance(grant.resource, str):
            yield grant


def test_more_than_fits_is_told() -> None:
    """How long it would be, of what, and the ways out; a dozen existing resources do fit."""
    existing = [Existing(arn=QUEUE.format(f"{'q' * 40}-{number}")) for number in range(60)]

    assert characters(boundary_policy(_names(), existing[:13])) <= MAX_MANAGED_CHARACTERS
    with pytest.raises(RenderError, match=r"has [\d,]+ characters; IAM allows 6,144") as caught:
        boundary_policy(_names(), existing)
    assert "and 55 more" in caught.value.why
    assert "billing-*" in caught.value.hint
    assert "iam: {boundary: NAME}" in caught.value.hint


def test_its_short_form_allows_the_same() -> None:
    """Where statements share one list of actions and resources, each action still acts on its own service's alone."""
    existing = [Existing(arn=QUEUE.format(f"{'q' * 40}-{number}")) for number in range(13)]
    usual = {(grant.action, str(grant.resource)) for grant in grants_of(boundary_policy(_names()))}
    short = {
        (grant.action, str(grant.resource))
        for grant in grants_of(boundary_policy(_names(), existing))
        if f":{grant.action.partition(':')[0]}:" in str(grant.resource) or grant.resource == "*"
    }

    assert usual <= short
    assert len(boundary_policy(_names(), existing)["Statement"]) < len(boundary_policy(_names())["Statement"])


def test_what_nobody_knows_wants_its_actions() -> None:
    """A resource of a service without a family, of which nobody says what may be done with it."""
    with pytest.raises(RenderError, match="kinesis") as caught:
        boundary_policy(_names(), [Existing(arn="arn:aws:kinesis:eu-west-1:123456789012:stream/clicks")])

    assert "actions=" in caught.value.hint


def test_a_kind_from_outside_brings_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its actions are allowed on the service's names; a second one of the same name must agree."""
    monkeypatch.setattr(families, "_FAMILIES", list(families.families()))
    streams = Family(
        sid="Streams",
        actions="kinesis:GetRecords PutRecord",
        resources=("arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/{p}-*",),
        reason="records of the service's streams",
    )
    families.register(streams)
    families.register(streams)

    (found,) = (item for item in boundary_policy(_names())["Statement"] if item["Sid"] == "Streams")
    assert found["Action"] == ["kinesis:GetRecords", "kinesis:PutRecord"]
    assert boundary_reasons()["kinesis:PutRecord"] == "records of the service's streams"
    with pytest.raises(RenderError, match="Streams"):
        families.register(dataclasses.replace(streams, resources=("*",)))
