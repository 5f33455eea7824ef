"""Two releases compared: what their roles may do, and who may assume them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tapgen.iam.delta import compare_releases
from tests.unit.templates.variants import Template, environment, templates


def _service(name: str = "dev") -> dict[str, Template]:
    return {stack: template for stack, template in templates(environment(name)).items() if stack != "bootstrap"}


def _resource(service: dict[str, Template], name: str) -> Template:
    found: Template = next(item["Resources"][name] for item in service.values() if name in item["Resources"])
    return found


def _remove(service: dict[str, Template], name: str) -> None:
    for template in service.values():
        template["Resources"].pop(name, None)


def _role(service: dict[str, Template]) -> Template:
    return _resource(service, "ApiRole")


def test_the_same_release_has_no_delta() -> None:
    """Nothing came, nothing went."""
    delta = compare_releases(_service(), _service())

    assert (delta.added, delta.removed) == ((), ())


def test_a_broader_role_is_named_with_action_and_resource() -> None:
    """One action more is one grant on each resource of its statement."""
    broader = copy.deepcopy(_service())
    _role(broader)["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"].append(
        "logs:DeleteLogStream"
    )
    delta = compare_releases(_service(), broader)

    (grant,) = delta.added
    assert (grant.role, grant.action) == ("transactions-dev-eu-west-1-api", "logs:DeleteLogStream")
    assert grant.resource.endswith(":log-group:/aws/lambda/transactions-dev-eu-west-1-api:*")
    assert delta.removed == ()
    assert compare_releases(broader, _service()).removed == delta.added


def test_a_dropped_condition_and_another_principal_count() -> None:
    """Both let somebody do what was not possible before."""
    open_role = copy.deepcopy(_service())
    properties = _role(open_role)["Properties"]
    statements = properties["Policies"][0]["PolicyDocument"]["Statement"]
    conditioned = next(statement for statement in statements if "Condition" in statement)
    del conditioned["Condition"]
    properties["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Service": "ec2.amazonaws.com"}
    added = compare_releases(_service(), open_role).added

    assert {grant.action for grant in added} == {*conditioned["Action"], "sts:AssumeRole"}
    assert all(not grant.condition for grant in added)


_ANYBODY = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("ArchiveBucketPolicy", "PolicyDocument"),
        ("CriticalTopicPolicy", "PolicyDocument"),
        ("DeadLetterQueuePolicy", "PolicyDocument"),
        ("Key", "KeyPolicy"),
    ],
)
def test_a_resource_that_lets_anybody_in_is_named(name: str, document: str) -> None:
    """Bucket, topic, queue and key: their own policies grant, too."""
    broader = _service("prod")
    _resource(broader, name)["Properties"][document]["Statement"].append(_ANYBODY)
    delta = compare_releases(_service("prod"), broader)

    assert [(grant.role, grant.action, grant.resource, grant.condition) for grant in delta.added] == [
        ("*", "*", "*", "")
    ]
    assert delta.removed == ()


def test_a_function_that_more_may_invoke_is_named() -> None:
    """A permission of the function's own policy; without its source, it is another one."""
    broader = _service()
    permission = _resource(broader, "DefaultPermission")["Properties"]
    permission["Principal"] = "*"
    del permission["SourceArn"]
    (grant,) = compare_releases(_service(), broader).added

    assert (grant.role, grant.action, grant.condition) == ("*", "lambda:InvokeFunction", "")


def test_an_attached_policy_is_named() -> None:
    """What is in it, nobody reads here."""
    broader = _service()
    _role(broader)["Properties"]["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    (grant,) = compare_releases(_service(), broader).added

    assert grant.role == "transactions-dev-eu-west-1-api"
    assert grant.resource == "arn:aws:iam::aws:policy/AdministratorAccess"


def test_a_boundary_that_is_gone_or_another_one_is_named() -> None:
    """The role may exceed what it could not exceed."""
    for boundary in (None, "arn:aws:iam::111122223333:policy/wide"):
        broader = _service()
        properties = _role(broader)["Properties"]
        properties.pop("PermissionsBoundary")
        properties |= {"PermissionsBoundary": boundary} if boundary else {}
        (grant,) = compare_releases(_service(), broader).added

        assert (grant.role, grant.action) == ("transactions-dev-eu-west-1-api", "whatever exceeds")
        assert grant.resource.endswith(":policy/transactions-dev-eu-west-1-boundary")


def test_a_denial_that_is_gone_is_named() -> None:
    """Plain HTTP to a bucket, whether the statement or the whole policy goes; with its bucket it may go."""

    def changed(*removed: str) -> list[Any]:
        after = _service()
        for name in removed:
            _remove(after, name)
        return list(compare_releases(_service(), after).added)

    broader = _service()
    _resource(broader, "ArchiveBucketPolicy")["Properties"]["PolicyDocument"]["Statement"].clear()
    by_statement = list(compare_releases(_service(), broader).added)

    assert len(by_statement) == 2
    assert all(
        grant.action == "s3:*, denied before," and "SecureTransport" in grant.condition for grant in by_statement
    )
    assert changed("ArchiveBucketPolicy") == by_statement
    assert changed("ArchiveBucketPolicy", "ArchiveBucket") == []


def test_what_is_all_but_something_is_not_taken_for_it() -> None:
    """``NotAction`` grants everything else."""
    broader = _service()
    statement = _role(broader)["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
    statement["NotAction"] = statement.pop("Action")

    assert all(grant.action.startswith("all but ") for grant in compare_releases(_service(), broader).added)
