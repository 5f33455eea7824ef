"""What an organisation demands of roles and policies: names, ARNs and templates follow it, and names stay in limits."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.config.environment import Iam
from tapgen.errors import ConfigError
from tapgen.iam.execution import execution_policies
from tapgen.iam.needs import BOUNDARY, DEPLOYER, EXECUTION
from tapgen.naming import Names
from tapgen.templates.blueprint import needs_of
from tapgen.templates.bootstrap import build_bootstrap, make_blueprint
from tests.unit.templates.variants import environment, templates

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

OWN = Iam(boundary="arn:aws:iam::123456789012:policy/org/limits", path="/org/", prefix="acme-")


def _environment(own: Iam = OWN, name: str = "prod", **changes: Any) -> Environment:
    changes.setdefault("deployer__principals", ("arn:aws:iam::123456789012:root",))
    return dataclasses.replace(environment(name, **changes), iam=own)


def test_names_and_arns_have_prefix_and_path() -> None:
    """Of roles and policies alone; everything else keeps its name."""
    names = Names(_environment())
    base = "acme-transactions-prod-eu-west-1"

    assert names.function_role("api") == f"{base}-api"
    assert names.hook_role("before") == f"{base}-hook-before"
    assert names.execution_role_arn.endswith(f":role/org/{base}-cloudformation")
    assert names.deployer_role_arn.endswith(f":role/org/{base}-deployer")
    assert names.role_pattern(names.prefix).endswith(f":role/org/{base}-*")
    assert names.function("api") == "transactions-prod-eu-west-1-api"
    assert names.bootstrap_stack == "transactions-prod-eu-west-1-bootstrap"


@pytest.mark.parametrize(
    ("boundary", "arn"),
    [
        ("arn:aws:iam::123456789012:policy/org/limits", "arn:aws:iam::123456789012:policy/org/limits"),
        ("org/limits", "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/org/limits"),
        (None, "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/org/acme-transactions-prod-eu-west-1-boundary"),
    ],
)
def test_the_boundary_is_the_organisations_or_ours(boundary: str | None, arn: str) -> None:
    """By ARN, by name with its path, or made by bootstrap."""
    assert Names(_environment(dataclasses.replace(OWN, boundary=boundary))).boundary_arn == arn


def test_every_role_and_policy_of_the_templates_follows() -> None:
    """The service's and bootstrap's; of its own boundary bootstrap makes none, and what it needs says so."""
    resolved = _environment()
    found = [
        (resource["Type"], resource["Properties"])
        for template in templates(resolved).values()
        for resource in template["Resources"].values()
        if resource["Type"] in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy")
    ]

    assert len(found) > 7
    for kind, properties in found:
        assert properties["Path"] == "/org/"
        assert str(properties.get("RoleName", properties.get("ManagedPolicyName"))).startswith("acme-")
        if kind == "AWS::IAM::Role":
            assert properties["PermissionsBoundary"] == OWN.boundary
    bootstrap = build_bootstrap(resolved)
    assert "Boundary" not in bootstrap["Resources"]
    assert "BoundaryArn" not in bootstrap["Outputs"]
    assert set(needs_of(resolved, make_blueprint(resolved).templates).policies) == {EXECUTION, DEPLOYER}


def test_the_execution_role_works_within_the_organisations() -> None:
    """It makes roles with that boundary alone, below that path, and passes no others."""
    policies = json.dumps(execution_policies(make_blueprint(_environment())))

    assert OWN.boundary
    assert f'"iam:PermissionsBoundary": {{"Fn::Sub": "{OWN.boundary}"}}' not in policies
    assert f'"iam:PermissionsBoundary": "{OWN.boundary}"' in policies
    assert ":role/org/acme-transactions-prod-eu-west-1-*" in policies
    assert ":role/transactions" not in policies


def test_our_boundary_stays_where_only_names_are_wanted() -> None:
    """Path and prefix alone: bootstrap makes the ceiling below them."""
    resolved = _environment(dataclasses.replace(OWN, boundary=None))
    boundary = build_bootstrap(resolved)["Resources"]["Boundary"]["Properties"]

    assert (boundary["ManagedPolicyName"], boundary["Path"]) == ("acme-transactions-prod-eu-west-1-boundary", "/org/")
    assert BOUNDARY in needs_of(resolved, make_blueprint(resolved).templates).policies


def test_a_prefix_that_is_too_long_is_told() -> None:
    """IAM's 64 characters hold for the whole name."""
    names = Names(_environment(dataclasses.replace(OWN, prefix="a" * 32)))

    with pytest.raises(ConfigError, match="the role name") as caught:
        names.function_role("x" * 20)
    assert "iam.prefix" in caught.value.hint


def test_without_demands_nothing_is_written() -> None:
    """Neither path nor prefix: the templates are as they were."""
    plain = json.dumps(templates(environment("prod")))

    assert '"Path": "/' not in plain.replace('"Path": "/users', "")
    assert "acme" not in plain
