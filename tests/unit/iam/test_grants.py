"""Policy documents as grants: what they allow, and what is left when a part goes."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.config.load import load_environments
from tapgen.iam.grants import Grant, Part, grants_of, grants_through, matches, parts_of, without
from tapgen.naming import Names
from tapgen.proof.statements import stated_for
from tests.unit.iam.test_statements import REPOSITORY

DOCUMENT: dict[str, Any] = {
    "Statement": [
        {"Sid": "Use", "Effect": "Allow", "Action": ["a:One", "a:Two"], "Resource": ["arn:x", "arn:y"]},
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "b:Three", "Resource": "*", "Condition": {"Bool": {"k": "true"}}},
    ]
}
ENVIRONMENT = load_environments(REPOSITORY / "config" / "environments.yaml").resolve("prod")
NAMES = Names(ENVIRONMENT)


def _part(value: str) -> Part:
    return next(part for part in parts_of(DOCUMENT) if part.value == value)


def test_grants_are_actions_on_resources() -> None:
    """Each Allow gives each action on each resource; a Deny gives nothing."""
    assert [(grant.statement, grant.action, grant.resource) for grant in grants_of(DOCUMENT)] == [
        ("Use", "a:One", "arn:x"),
        ("Use", "a:One", "arn:y"),
        ("Use", "a:Two", "arn:x"),
        ("Use", "a:Two", "arn:y"),
        ("statement 3", "b:Three", "*"),
    ]


def test_a_part_takes_its_grants_with_it() -> None:
    """An action goes on all resources, a resource for all actions."""
    assert {grant.resource for grant in grants_through(DOCUMENT, _part("a:One"))} == {"arn:x", "arn:y"}
    assert {grant.action for grant in grants_through(DOCUMENT, _part("arn:y"))} == {"a:One", "a:Two"}


def test_the_rest_of_the_document_stays() -> None:
    """Only the part goes; the original is as it was."""
    mutant = without(DOCUMENT, _part("a:One"))

    assert mutant is not None
    assert mutant["Statement"][0]["Action"] == ["a:Two"]
    assert mutant["Statement"][1:] == DOCUMENT["Statement"][1:]
    assert DOCUMENT["Statement"][0]["Action"] == ["a:One", "a:Two"]


def test_a_statement_without_anything_goes() -> None:
    """IAM takes no empty lists, and no document without a statement."""
    mutant = without(DOCUMENT, _part("b:Three"))

    assert mutant is not None
    assert len(mutant["Statement"]) == 2
    only = {"Statement": {"Effect": "Allow", "Action": "b:Three", "Resource": "*"}}
    assert without(only, Part(index=0, statement="", kind="action", value="b:Three")) is None


@pytest.mark.parametrize(
    ("pattern", "value", "covered"),
    [("arn:x:*", "arn:x:y:z", True), ("arn:?", "arn:x", True), ("arn:x", "arn:X", False), ("a[b]", "ab", False)],
)
def test_patterns_match_as_iam_does(pattern: str, value: str, *, covered: bool) -> None:
    """Stars and question marks alone are special."""
    assert matches(pattern, value) is covered


def _grant(action: str, resource: str, **condition: Any) -> Grant:
    return Grant(statement="", action=action, resource=resource, condition=condition)


def test_stated_is_exact() -> None:
    """What is stated for one role is stated on its own resource, with its condition, and for no other role."""
    stated = stated_for(NAMES, ENVIRONMENT.service)
    api, archiver = NAMES.function_role("api"), NAMES.function_role("archiver")
    log = "arn:aws:logs:eu-west-1:123456789012:log-group:{}:*"

    def covered(role: str, grant: Grant) -> bool:
        return any(item.covers(grant) for item in stated[role])

    assert covered(api, _grant("logs:PutLogEvents", log.format(NAMES.function_log_group("api"))))
    assert not covered(api, _grant("logs:PutLogEvents", log.format(NAMES.function_log_group("archiver"))))
    assert not covered(api, _grant("logs:CreateLogGroup", log.format(NAMES.function_log_group("api"))))
    assert covered(archiver, _grant("dynamodb:ListStreams", "*", StringEquals={"aws:RequestedRegion": "eu-west-1"}))
    assert not covered(archiver, _grant("dynamodb:ListStreams", "*"))
    assert not covered(api, _grant("dynamodb:ListStreams", "*", StringEquals={"aws:RequestedRegion": "eu-west-1"}))
    assert NAMES.function_role("codedeploy") not in stated
