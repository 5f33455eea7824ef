"""The roles that bootstrap makes: derived from the templates, scoped to the environment, within IAM's limits."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tapgen.errors import RenderError
from tapgen.iam.boundary import boundary_policy
from tapgen.iam.execution import Blueprint, Given, execution_policies, execution_reasons
from tapgen.iam.grants import listed, matches
from tapgen.iam.policies import MAX_ATTACHED, MAX_INLINE_CHARACTERS, MAX_MANAGED_CHARACTERS, characters
from tapgen.iam.resource_actions import (
    ResourceCalls,
    actions_of,
    find_calls,
    known_types,
    omissions,
    split_actions,
)
from tapgen.naming import Names
from tapgen.parts.names import find_long_names
from tapgen.proof.derived import compare_execution
from tapgen.rules.stacks.cost_tags import TAGGED, UNTAGGED
from tapgen.templates.blueprint import deployer_document
from tapgen.templates.bootstrap import make_blueprint
from tests.unit.templates.variants import ENVIRONMENTS, VARIANTS, environment, templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment

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

    assert 0 < len(policies) <= MAX_ATTACHED
    assert all(characters(policy) <= MAX_MANAGED_CHARACTERS for policy in policies)
    assert characters(boundary_policy(blueprint.names)) <= MAX_MANAGED_CHARACTERS
    assert characters(deployer_document(resolved, blueprint)) <= MAX_INLINE_CHARACTERS
    # However they are spread over the roles of the service.
    inline = [
        *(policy for role in blueprint.resources("AWS::IAM::Role") for policy in role["Properties"]["Policies"]),
        *(policy["Properties"] for policy in blueprint.resources("AWS::IAM::Policy")),
    ]
    assert sum(characters(policy["PolicyDocument"]) for policy in inline) <= MAX_INLINE_CHARACTERS


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
        (resource,) = statement["Resource"]
        assert resource["Fn::Sub"].endswith(":role/transactions-prod-eu-west-1-*")


def test_bootstrap_is_out_of_the_services_reach() -> None:
    """The pattern of the service's names covers what bootstrap made, and a Deny takes it out again."""
    denied = [
        statement
        for policy in execution_policies(_blueprint())
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
    ]
    targets = {
        resource["Fn::Sub"].rpartition("-1-")[2]
        for statement in denied
        if any(matches(action, "iam:UpdateAssumeRolePolicy") for action in statement["Action"])
        for resource in statement["Resource"]
    }
    buckets = {resource["Fn::Sub"] for statement in denied for resource in statement["Resource"]}

    assert targets == {"cloudformation", "deployer", "boundary", "cloudformation-*"}
    assert "arn:${AWS::Partition}:s3:::transactions-prod-eu-west-1-artifacts-123456789012" in buckets


def test_roles_are_passed_to_their_services_alone() -> None:
    """Lambda and CodeDeploy get the service's roles, nested stacks the execution role, nobody anybody else's."""
    passed = {}
    for policy in execution_policies(_blueprint()):
        for statement in policy["Statement"]:
            if statement["Effect"] == "Allow" and statement["Action"] == ["iam:PassRole"]:
                for service in listed(statement["Condition"]["StringEquals"]["iam:PassedToService"]):
                    passed[service] = {resource["Fn::Sub"].rpartition("1-")[2] for resource in statement["Resource"]}

    assert passed == {
        "lambda.amazonaws.com": {"*"},
        "codedeploy.amazonaws.com": {"*"},
        "cloudformation.amazonaws.com": {"cloudformation"},
    }


def _with(*resources: tuple[str, dict[str, Any]], given: tuple[Given, ...] = ()) -> Blueprint:
    """The service of prod with further resources."""
    added = {
        "Resources": {
            f"Added{number}": {"Type": kind, "Properties": body} for number, (kind, body) in enumerate(resources)
        }
    }
    blueprint = _blueprint()
    return dataclasses.replace(blueprint, templates=(*blueprint.templates, added), given=given)


def _allowed(blueprint: Blueprint, action: str) -> list[str]:
    """Where the execution role may do it."""
    return [
        resource if isinstance(resource, str) else resource["Fn::Sub"]
        for policy in execution_policies(blueprint)
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and action in statement["Action"]
        for resource in statement["Resource"]
    ]


def test_one_more_function_queue_or_table_needs_no_other_role() -> None:
    """The policies name no part of a service, so that a growing one is not bootstrapped again."""
    more = _with(
        ("AWS::Lambda::Function", {"FunctionName": "transactions-prod-eu-west-1-nightly"}),
        ("AWS::SQS::Queue", {"QueueName": "transactions-prod-eu-west-1-jobs"}),
        ("AWS::DynamoDB::Table", {"TableName": "transactions-prod-eu-west-1-orders"}),
    )

    assert execution_policies(more) == execution_policies(_blueprint())
    assert "archive" not in json.dumps(execution_policies(_blueprint()))


def test_a_property_brings_the_actions_that_it_needs() -> None:
    """A function in a VPC makes CloudFormation look at it; one without does not."""
    function = ("AWS::Lambda::Function", {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}})

    assert _allowed(_blueprint(), "ec2:DescribeSubnets") == []
    assert _allowed(_with(function), "ec2:DescribeSubnets") == ["*"]


def test_what_templates_name_of_others_is_let_be_used() -> None:
    """A layer, an image, a key, a topic and a role of somebody else, each by its own ARN and nothing beside it."""
    layer = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python:4"
    role = "arn:aws:iam::123456789012:role/shared/worker"
    topic = "arn:aws:sns:eu-west-1:123456789012:billing"
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/workers/resize:3"
    more = _with(
        ("AWS::Lambda::Function", {"Layers": [layer], "Role": role, "Code": {"ImageUri": image}}),
        ("AWS::SNS::Subscription", {"TopicArn": topic, "Protocol": "sqs"}),
    )

    assert _allowed(more, "lambda:GetLayerVersion")[-1] == layer
    assert layer not in _allowed(more, "lambda:PublishLayerVersion")
    assert role in _allowed(more, "iam:PassRole")
    assert role not in _allowed(more, "iam:PutRolePolicy")
    assert topic in _allowed(more, "sns:Subscribe")
    assert topic not in _allowed(more, "sns:DeleteTopic")
    assert "arn:${AWS::Partition}:ecr:eu-west-1:123456789012:repository/workers/resize" in _allowed(
        more, "ecr:BatchGetImage"
    )


def test_a_type_that_nobody_knows_is_said() -> None:
    """The error names the type, the resource and what to pass; it is no KeyError."""
    with pytest.raises(RenderError, match="AWS::Kinesis::Stream of Added0") as caught:
        execution_policies(_with(("AWS::Kinesis::Stream", {})))

    assert "actions=" in caught.value.hint


def test_a_type_that_the_caller_knows_gets_what_he_says() -> None:
    """On names of the service, or where he says."""
    kind = "AWS::Athena::WorkGroup"
    stream = (kind, {"Name": "transactions-prod-eu-west-1-clicks"})
    where = "arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}:workgroup/clicks"
    ours = _with(stream, given=(Given(type=kind, actions=("athena:CreateWorkGroup",)),))
    there = _with(stream, given=(Given(type=kind, actions=("athena:CreateWorkGroup",), resources=(where,)),))

    assert _allowed(ours, "athena:CreateWorkGroup") == [
        "arn:${AWS::Partition}:athena:*:${AWS::AccountId}:*transactions-prod-eu-west-1*"
    ]
    assert _allowed(there, "athena:CreateWorkGroup") == [where]
    assert "handle AWS::Athena::WorkGroup" in {reason.operation for reason in execution_reasons(ours)}


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


def test_the_table_knows_every_type_that_templates_may_have() -> None:
    """A new type must be put in, and its actions with it."""
    assert known_types() >= TAGGED | UNTAGGED


def test_what_is_left_out_is_not_granted_and_has_a_reason() -> None:
    """A reduction says why, and is one."""
    for resource_type, text, reason in omissions():
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


def test_what_the_table_could_grant_exists() -> None:
    """Every type of the table with every property: IAM knows each action, and it acts where our scopes say."""
    properties = {name: "x" for kind in known_types() for item in _row(kind).omitted for name in item.unless}
    everything = _with(*((kind, properties) for kind in sorted(known_types()) if kind != "AWS::IAM::Role"))
    faults = {
        fault
        for policy in execution_policies(everything)
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        for fault in _faults(action, statement)
    }

    assert sorted(fault for fault in faults if not UNKNOWN_TO_CATALOGUE.search(fault)) == []


def _row(kind: str) -> ResourceCalls:
    found = find_calls(kind)
    assert found
    return found


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
