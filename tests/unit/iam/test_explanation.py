"""``iam show``: every action of every role has a reason, and a function's is the route or event that needs it."""

from __future__ import annotations

from functools import cache

import pytest

from tapgen.cli.permissions import explain_roles
from tapgen.iam.explanation import Explained, explain
from tests.unit.templates.variants import VARIANTS

BASE = "transactions-prod-eu-west-1"


@cache
def _explained(name: str = "prod") -> dict[str, list[Explained]]:
    return explain_roles(VARIANTS[name])


def _reasons(role: str, action: str) -> list[str]:
    return [item.reason for item in _explained()[f"{BASE}-{role}"] if item.action == action]


@pytest.mark.parametrize("name", ["local", "prod"])
def test_no_action_is_without_a_reason(name: str) -> None:
    """The service's roles, CloudFormation's, the boundary, and the deployer's where there is one."""
    found = {(role, item.action) for role, actions in _explained(name).items() for item in actions if not item.reason}

    assert found == set()


def test_a_functions_action_names_its_routes() -> None:
    """All of them, each once, in the order in which the service has them."""
    (reason,) = _reasons("api", "dynamodb:PutItem")

    assert reason == "POST /users/{userId}/transactions, PUT /users/{userId}/transactions/{transactionId}"


def test_an_event_is_a_reason() -> None:
    """What a function is granted for the stream that it reads."""
    assert _reasons("archiver", "s3:PutObject") == ["changes of table transactions"]


def test_a_key_is_used_for_a_part() -> None:
    """By which part, and for what."""
    assert "key of bucket archive: changes of table transactions" in _reasons("archiver", "kms:GenerateDataKey")


def test_the_boundary_says_who_needs_it() -> None:
    """Of any kind of part, not of this service."""
    assert _reasons("boundary", "sns:Publish") == ["messages to the service's topics"]


def test_a_part_of_a_statement_has_its_reason() -> None:
    """A statement that was cut in two to fit into policies has numbers at the end of its name."""
    statement = {"Sid": "TryVersions12", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "arn:x"}
    (found,) = explain([{"Statement": [statement]}])

    assert found.reason == "A hook invokes versions of these functions, and their live aliases"
