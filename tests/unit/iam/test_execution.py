"""The roles that bootstrap makes: derived from the templates, scoped to the environment, within IAM's limits."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tapgen.iam.deployer import deployer_policy
from tapgen.iam.execution import (
    MAX_MANAGED_CHARACTERS,
    boundary_policy,
    characters,
    execution_policies,
    execution_reasons,
)
from tapgen.iam.grants import grants_of, listed, matches
from tapgen.iam.resource_actions import LEFT_OUT, actions_of, known_types, split_actions
from tapgen.naming import Names
from tapgen.parts.names import find_long_names
from tapgen.proof.derived import compare_execution
from tapgen.templates.bootstrap import make_blueprint
from tapgen.templates.resource_checks import TAGGED, UNTAGGED
from tests.unit.templates.variants import ENVIRONMENTS, VARIANTS, environment, templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.iam.execution import Blueprint

ROLE = "transactions-prod-eu-west-1-cloudformation"
# What the catalogue does not know: tags of HTTP APIs are resources of their own (API Gateway developer guide,
# "tag-based access control"), and the schema of AWS::CloudWatch::Dashboard tags dashboards.
UNKNOWN_TO_CATALOGUE = re.compile(
    r"apigateway:\w+ does not act on .*/tags/|cloudwatch:\w+ does not act on .*:dashboard/"
)
# What the catalogue has without resource types, and its service authorises against ARNs all the same: CodeDeploy user
# guide, "CodeDeploy permissions reference"; CloudWatch Logs' refusals of DescribeLogGroups name log-group::log-stream.
AUTHORISED_BY_ARN = re.compile(
    r"codedeploy:(GetDeploymentTarget|ListDeploymentTargets|StopDeployment|PutLifecycleEventHookExecutionStatus)"
    r"|logs:DescribeLogGroups"
)
# Condition keys that every service knows (IAM user guide, "AWS global condition context keys").
GLOBAL = ("aws:",)


@cache
def _blueprint(name: str = "prod") -> Blueprint:
    return make_blueprint(VARIANTS[name])


def _statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every statement below a value, of identity policies and of resource policies."""
    if isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield value
        for item in value.values():
            yield from _statements(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _statements(item)


LONGEST = 22
"""Letters of project and environment, before a bucket's name is too long in a region with a long name."""
MANAGED_POLICIES = 10
INLINE_CHARACTERS = 10_240


def _renamed(name: str) -> Environment:
    """A shipped environment with the longest names that the services take, in a region with a long one."""
    return environment(name, project="p" * (LONGEST - len(name)), region="ap-southeast-1", artifact_bucket=None)


FITTING = {
    **VARIANTS,
    **{name: environment(name) for name in ENVIRONMENTS.names},
    **{f"{name}, long names": _renamed(name) for name in ENVIRONMENTS.names},
}


@pytest.mark.parametrize("name", FITTING)
def test_every_policy_fits(name: str) -> None:
    """Managed policies have 6,144 characters, a role ten of them, its inline policies 10,240 (IAM quotas)."""
    resolved = FITTING[name]
    blueprint = make_blueprint(resolved)
    policies = execution_policies(blueprint)

    assert 0 < len(policies) <= MANAGED_POLICIES
    assert all(characters(policy) <= MAX_MANAGED_CHARACTERS for policy in policies)
    assert characters(boundary_policy(blueprint)) <= MAX_MANAGED_CHARACTERS
    assert characters(json.loads(deployer_policy(blueprint.names).to_json())) <= INLINE_CHARACTERS
    # However they are spread over the roles of the service.
    inline = [
        *(policy for role in blueprint.resources("AWS::IAM::Role") for policy in role["Properties"]["Policies"]),
        *(policy["Properties"] for policy in blueprint.resources("AWS::IAM::Policy")),
    ]
    assert sum(characters(_with_arns(policy["PolicyDocument"])) for policy in inline) <= INLINE_CHARACTERS


def _with_arns(value: Any) -> Any:
    """The document with an ARN as long as any in the place of what another stack or resource answers."""
    if isinstance(value, dict):
        if len(value) == 1 and {"Ref", "Fn::GetAtt"} & set(value) and not str(value.get("Ref")).startswith("AWS::"):
            return "a" * 160
        return {key: _with_arns(item) for key, item in value.items()}
    return [_with_arns(item) for item in value] if isinstance(value, list) else value


def test_the_longest_names_are_the_longest() -> None:
    """A letter more in the project's name, and a service refuses a name: nothing longer has to fit."""
    for name in ENVIRONMENTS.names:
        resolved = _renamed(name)
        assert list(find_long_names(resolved, Names(resolved))) == []
        longer = dataclasses.replace(resolved, project=f"{resolved.project}p")
        assert list(find_long_names(longer, Names(longer))), name


@pytest.mark.parametrize("name", VARIANTS)
def test_actions_are_those_of_the_types(name: str) -> None:
    """Each type of the templates is known, brings what its lifecycle needs, and nothing else is granted."""
    blueprint = _blueprint(name)
    reasons = execution_reasons(blueprint)
    types = {resource["Type"] for resource in blueprint.resources()}

    assert {reason.operation.partition(" ")[2] for reason in reasons} == types
    assert list(compare_execution(ROLE, execution_policies(blueprint), reasons)) == []


def test_an_action_too_many_or_too_few_is_named() -> None:
    """Both directions are found: by the action, and by the operation that would fail."""
    reasons = execution_reasons(_blueprint())
    policies = json.loads(json.dumps(execution_policies(_blueprint())))
    policies[0]["Statement"][0]["Action"].append("ec2:RunInstances")
    for policy in policies:
        for statement in policy["Statement"]:
            statement["Action"] = [action for action in statement["Action"] if action != "sqs:CreateQueue"]

    unused, missing = compare_execution(ROLE, policies, reasons)
    assert "action ec2:RunInstances" in unused
    assert missing.startswith(f"create AWS::SQS::Queue: {ROLE} lacks sqs:CreateQueue")


def test_no_key_no_permission_on_keys() -> None:
    """AWS's own keys ask nobody."""
    assert not any(reason.action.startswith("kms:") for reason in execution_reasons(_blueprint("dev")))
    assert any(reason.action.startswith("kms:") for reason in execution_reasons(_blueprint("prod")))


def test_roles_are_made_within_the_boundary_alone() -> None:
    """Whoever may make a role may otherwise make himself anything."""
    found = [
        statement
        for policy in execution_policies(_blueprint())
        for statement in policy["Statement"]
        if {"iam:CreateRole", "iam:PutRolePolicy"} & set(statement["Action"])
    ]

    assert found
    for statement in found:
        (boundary,) = statement["Condition"]["StringEquals"].values()
        assert boundary["Fn::Sub"].endswith(":policy/transactions-prod-eu-west-1-boundary")
        # Neither bootstrap's own roles nor anybody else's.
        assert {resource["Fn::Sub"].rpartition("/")[2] for resource in statement["Resource"]} == {
            f"transactions-prod-eu-west-1-{role}"
            for role in ("api", "archiver", "hook-before", "hook-after", "codedeploy")
        }


def test_roles_are_passed_to_their_services_alone() -> None:
    """Lambda gets the functions' roles, CodeDeploy its own, nested stacks the execution role."""
    passed = {}
    for policy in execution_policies(_blueprint()):
        for statement in policy["Statement"]:
            if statement["Action"] == ["iam:PassRole"]:
                service = statement["Condition"]["StringEquals"]["iam:PassedToService"]
                passed[service] = {resource["Fn::Sub"].rpartition("1-")[2] for resource in statement["Resource"]}

    assert passed == {
        "lambda.amazonaws.com": {"api", "archiver", "hook-after", "hook-before"},
        "codedeploy.amazonaws.com": {"codedeploy"},
        "cloudformation.amazonaws.com": {"cloudformation"},
    }


def test_mappings_are_made_for_our_functions_alone() -> None:
    """A mapping has no ARN before it is made: whoever may make one is bound by the function that it calls."""
    (made,) = (
        statement
        for policy in execution_policies(_blueprint())
        for statement in policy["Statement"]
        if "lambda:CreateEventSourceMapping" in statement["Action"]
    )

    assert made["Action"] == ["lambda:CreateEventSourceMapping"]
    assert made["Resource"] == ["*"]
    (function,) = made["Condition"]["ArnLike"]["lambda:FunctionArn"]
    assert function["Fn::Sub"].endswith(":function:transactions-prod-eu-west-1-*")


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_boundary_allows_what_the_roles_may(name: str) -> None:
    """The boundary takes nothing from the roles, and every one of them carries it."""
    blueprint = _blueprint(name)
    limits = list(grants_of(_plain(boundary_policy(blueprint))))
    for role in blueprint.resources("AWS::IAM::Role"):
        assert role["Properties"]["PermissionsBoundary"]["Fn::Sub"].endswith(f":policy/{blueprint.names.boundary}")
        for policy in role["Properties"]["Policies"]:
            for grant in grants_of(_plain(policy["PolicyDocument"])):
                if not grant.resource.startswith("{"):
                    assert any(
                        grant.action == limit.action and matches(limit.resource, grant.resource) for limit in limits
                    )


def _plain(document: Any) -> dict[str, Any]:
    """Patterns instead of functions."""
    plain: dict[str, Any] = json.loads(json.dumps(document))
    for statement in plain["Statement"]:
        statement["Resource"] = [
            item if isinstance(item, str) else item.get("Fn::Sub", json.dumps(item))
            for item in listed(statement["Resource"])
        ]
    return plain


def test_the_table_knows_every_type_that_templates_may_have() -> None:
    """A new type must be put in, and its actions with it."""
    bootstrap_only = {"AWS::IAM::ManagedPolicy"}

    assert known_types() == (TAGGED | UNTAGGED) - bootstrap_only


def test_what_is_left_out_is_not_granted_and_has_a_reason() -> None:
    """A reduction says why, and is one."""
    for resource_type, text, reason in LEFT_OUT:
        assert reason
        kept = {action for _, action, _ in actions_of(resource_type)}
        assert not kept & set(split_actions(text)), resource_type


@pytest.mark.parametrize("name", VARIANTS)
def test_every_action_and_condition_key_exists(name: str) -> None:
    """IAM's catalogue knows each allowed action, its resource types match, and its condition keys apply."""
    faults = []
    for stack, template in templates(VARIANTS[name]).items():
        for statement in _statements(template):
            if statement["Effect"] == "Allow":
                faults += [
                    f"{stack}: {fault}"
                    for action in listed(statement["Action"])
                    for fault in _faults(action, statement)
                ]

    assert sorted({fault for fault in faults if not UNKNOWN_TO_CATALOGUE.search(fault)}) == []


def _faults(action: str, statement: dict[str, Any]) -> Iterator[str]:
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    if not found:
        yield f"{action} does not exist"
        return
    entries = found[service]
    known = {key.lower() for entry in entries for key in listed(entry["condition_keys"] or ())}
    for operator in statement.get("Condition", {}).values():
        for key in operator:
            if not key.startswith(GLOBAL) and not _known(key, known):
                yield f"{action} has no condition key {key}"
    patterns = [entry["resource_arn_format"] for entry in entries if entry["resource_arn_format"] not in ("*", "")]
    if not patterns and not AUTHORISED_BY_ARN.fullmatch(action):
        named = [resource for resource in map(_text, listed(statement.get("Resource", "*"))) if resource != "*"]
        yield from (f"{action} acts on everything or nothing, not on {resource}" for resource in named)
    for resource in map(_text, listed(statement.get("Resource", "*"))):
        if resource.startswith("arn:") and patterns and not any(_same_type(resource, pattern) for pattern in patterns):
            yield f"{action} does not act on {resource}"


def _known(key: str, known: set[str]) -> bool:
    """A key that ends in a name of the caller's choice is known by its beginning."""
    return any(matches(candidate.replace("${encryptioncontextkey}", "*"), key.lower()) for candidate in known)


def _text(resource: Any) -> str:
    text = resource if isinstance(resource, str) else str(resource.get("Fn::Sub", ""))
    return re.sub(r"\$\{AWS::\w+\}", "x", text)


def _same_type(resource: str, pattern: str) -> bool:
    """Service and kind of resource are the same: the words before the first variable."""
    _, _, service, _, _, named = pattern.split(":", 5)
    _, _, our_service, _, _, ours = resource.split(":", 5)
    return our_service == service and ours.startswith(named.partition("$")[0].rstrip("/:"))
