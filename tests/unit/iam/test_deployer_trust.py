"""Who may assume the deployer role: the trust policy as data, for principals and for GitHub's workflows."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tapgen.config.environment import Deployer, Github
from tapgen.config.schema import GithubSection
from tests.unit.templates.variants import environment, of_type, only, templates

PRINCIPAL = "arn:aws:iam::123456789012:role/release-managers"
ISSUER = "token.actions.githubusercontent.com"


def _trust(*, principals: tuple[str, ...] = (), github: Github | None = None) -> list[dict[str, Any]]:
    """The statements of the deployer role's trust policy."""
    resolved = environment("prod", deployer=Deployer(principals=principals, github=github))
    roles = of_type(templates(resolved)["bootstrap"], "AWS::IAM::Role")
    statements: list[dict[str, Any]] = roles["DeployerRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    return statements


def test_github_is_trusted_by_audience_and_subject_exactly() -> None:
    """Both claims, by StringEquals: a claim that is missing fails it, and nothing in it is a pattern."""
    (statement,) = _trust(github=Github(repository="example/transactions", subject="environment:prod"))

    assert statement["Effect"] == "Allow"
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert statement["Principal"] == {
        "Federated": {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{ISSUER}"}
    }
    assert statement["Condition"] == {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": "repo:example/transactions:environment:prod",
        }
    }


def test_principals_are_named_one_by_one_and_bring_no_token() -> None:
    """IAM's principals assume the role by name; the right to come with a token is GitHub's alone."""
    first, second = _trust(
        principals=(PRINCIPAL,), github=Github(repository="example/transactions", subject="ref:refs/heads/main")
    )

    assert first["Principal"] == {"AWS": [PRINCIPAL]}
    assert first["Action"] == ["sts:AssumeRole"]
    assert second["Action"] == ["sts:AssumeRoleWithWebIdentity"]


def test_nobody_is_trusted_where_nobody_is_named() -> None:
    """Without principals and without GitHub there is no such role."""
    bootstrap = templates(environment("prod", deployer=Deployer(principals=(), github=None)))["bootstrap"]

    assert "DeployerRole" not in bootstrap["Resources"]


def test_no_trust_policy_has_a_condition_that_an_absent_claim_passes() -> None:
    """``ForAllValues`` and ``IfExists`` hold where the key is absent (IAM user guide, "Set operators")."""
    github = Github(repository="example/transactions", subject="environment:prod")
    resolved = environment("prod", deployer=Deployer(principals=(PRINCIPAL,), github=github))
    operators = {
        operator
        for template in templates(resolved).values()
        for role in of_type(template, "AWS::IAM::Role").values()
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        for operator in statement.get("Condition", {})
    }

    assert operators == {"StringEquals"}


@pytest.mark.parametrize(
    ("repository", "subject"),
    [
        ("example/transactions", "*"),
        ("example/transactions", "environment:*"),
        ("example/transactions", "ref:refs/heads/*"),
        ("example/transactions", "pull_request"),
        ("example/transactions", ""),
        ("example/*", "environment:prod"),
        ("*/*", "environment:prod"),
        ("example", "environment:prod"),
    ],
)
def test_the_configuration_takes_no_pattern_for_github(repository: str, subject: str) -> None:
    """A pull request's workflow runs code that nobody has reviewed, and a pattern lets in what is not there yet."""
    with pytest.raises(ValidationError):
        GithubSection(repository=repository, subject=subject)


def test_the_deployer_role_can_do_no_more_than_its_policy() -> None:
    """One inline policy, no managed one."""
    resolved = environment("prod", deployer=Deployer(principals=(PRINCIPAL,), github=None))
    role = of_type(templates(resolved)["bootstrap"], "AWS::IAM::Role")["DeployerRole"]["Properties"]

    assert "ManagedPolicyArns" not in role
    assert only({policy["PolicyName"]: policy for policy in role["Policies"]})["PolicyName"] == "operations"
