"""Two releases compared: what their roles may do, and who may assume them."""

from __future__ import annotations

import copy

from tapgen.iam.delta import compare_releases
from tests.unit.templates.variants import Template, environment, templates


def _service() -> list[Template]:
    return [template for stack, template in templates(environment("dev")).items() if stack != "bootstrap"]


def _role(service: list[Template]) -> Template:
    found: Template = next(item["Resources"]["ApiRole"] for item in service if "ApiRole" in item["Resources"])
    return found


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
