"""Aliases with weights: who is sent where, what the function is told, and which aliases cannot be."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Observed, total
from tests.local.extension.shift_service import Guarded, trust
from tests.local.extension.test_metrics import call, http_api

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

TELLS = """def handler(event, context):
    return {"statusCode": 200 + int(context.function_version), "arn": context.invoked_function_arn}
"""
CALLS = 60
"""With even weights, the chance that one version is never met is 2 to the power of -59."""


@pytest.fixture
def awslambda(shift_client: ClientFactory) -> Any:
    return shift_client("lambda")


@pytest.fixture
def split(shift_stacks: Stacks, awslambda: Any, name: str) -> str:
    """A function with two versions, whose alias sends half of its traffic to the second."""
    template = Guarded(name, code=TELLS).template(**http_api(name))
    assert shift_stacks.create(name, template) == "CREATE_COMPLETE"
    publish(awslambda, name, Description="second")
    awslambda.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    return name


def publish(awslambda: Any, name: str, **changes: Any) -> str:
    awslambda.update_function_configuration(FunctionName=name, **changes)
    return str(awslambda.publish_version(FunctionName=name)["Version"])


def test_invoke_is_shared_out(shift_client: ClientFactory, split: str) -> None:
    """Both versions answer, each truly the one it says, and both are told the alias's ARN."""
    observed = Observed(shift_client, split)
    answers = [observed.invoke() for _ in range(CALLS)]
    met = Counter(version for version, _ in answers)
    assert set(met) == {"1", "2"}
    assert all(payload["statusCode"] == 200 + int(version) for version, payload in answers)
    assert {payload["arn"].rpartition(":function:")[2] for _, payload in answers} == {f"{split}:live"}
    for version, times in met.items():
        executed = {"FunctionName": split, "Resource": f"{split}:live", "ExecutedVersion": version}
        assert total(shift_client, "AWS/Lambda", "Invocations", **executed) == times


def test_api_gateway_is_shared_out(shift_client: ClientFactory, shift_stacks: Stacks, split: str) -> None:
    """The same for a caller that goes by the alias's ARN."""
    api = shift_stacks.resources(split)["Api"]
    assert {call(shift_client, api, "/") for _ in range(CALLS)} == {201, 202}


def test_asynchronous_invocations_are_shared_out(shift_client: ClientFactory, awslambda: Any, split: str) -> None:
    """And the same for events."""
    for _ in range(CALLS):
        awslambda.invoke(FunctionName=split, Qualifier="live", InvocationType="Event")
    resource = {"FunctionName": split, "Resource": f"{split}:live"}
    until(lambda: total(shift_client, "AWS/Lambda", "Invocations", **resource) == CALLS)
    for version in ("1", "2"):
        assert total(shift_client, "AWS/Lambda", "Invocations", **resource, ExecutedVersion=version) > 0


def test_versions_by_number_and_reading_are_not_shared_out(
    shift_client: ClientFactory, awslambda: Any, split: str
) -> None:
    """A number means that version, and reading the alias's configuration means its own version."""
    observed = Observed(shift_client, split)
    assert {observed.invoke("1")[0] for _ in range(20)} == {"1"}
    read = {"FunctionName": split, "Qualifier": "live"}
    assert {awslambda.get_function(**read)["Configuration"]["Version"] for _ in range(20)} == {"1"}
    assert {awslambda.get_function_configuration(**read)["Version"] for _ in range(20)} == {"1"}


def test_all_weight_on_the_second_version(shift_client: ClientFactory, awslambda: Any, split: str) -> None:
    """A weight of 1 leaves nothing for the alias's own version; no weights leave everything."""
    routing = {"AdditionalVersionWeights": {"2": 1.0}}
    awslambda.update_alias(FunctionName=split, Name="live", RoutingConfig=routing)
    observed = Observed(shift_client, split)
    assert {observed.invoke()[0] for _ in range(10)} == {"2"}
    awslambda.update_alias(FunctionName=split, Name="live", RoutingConfig={"AdditionalVersionWeights": {}})
    assert {observed.invoke()[0] for _ in range(10)} == {"1"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"FunctionVersion": "99"}, "ResourceNotFoundException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"99": 0.1}}}, "ResourceNotFoundException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"2": 7.5}}}, "ValidationException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.1}}}, "InvalidParameterValueException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1, "3": 0.1}}}, "InvalidParameterValueException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.1}}}, "InvalidParameterValueException"),
        ({"FunctionVersion": "$LATEST"}, "InvalidParameterValueException"),
    ],
)
def test_impossible_aliases_are_refused(awslambda: Any, split: str, change: dict[str, Any], code: str) -> None:
    """And the alias stays as it was."""
    assert publish(awslambda, split, Description="third") == "3"
    before = awslambda.get_alias(FunctionName=split, Name="live")
    with pytest.raises(ClientError) as refusal:
        awslambda.update_alias(FunctionName=split, Name="live", **change)
    assert refusal.value.response["Error"]["Code"] == code
    after = awslambda.get_alias(FunctionName=split, Name="live")
    assert (after["FunctionVersion"], after["RoutingConfig"]) == (before["FunctionVersion"], before["RoutingConfig"])


def test_two_versions_of_one_alias_share_their_role(shift_client: ClientFactory, awslambda: Any, split: str) -> None:
    """Lambda refuses to split traffic between versions with different execution roles."""
    document = json.dumps(trust("lambda.amazonaws.com"))
    other = shift_client("iam").create_role(RoleName=split, AssumeRolePolicyDocument=document)
    version = publish(awslambda, split, Role=other["Role"]["Arn"])
    routing = {"AdditionalVersionWeights": {version: 0.1}}
    with pytest.raises(ClientError, match="must have the same Role"):
        awslambda.update_alias(FunctionName=split, Name="live", RoutingConfig=routing)


def test_a_new_alias_is_checked_too(awslambda: Any, split: str) -> None:
    """CreateAlias knows the same rules, and makes a weighted alias when they are kept."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        awslambda.create_alias(FunctionName=split, Name="bad", FunctionVersion="99")
    routing = {"AdditionalVersionWeights": {"2": 0.25}}
    made = awslambda.create_alias(FunctionName=split, Name="good", FunctionVersion="1", RoutingConfig=routing)
    assert made["RoutingConfig"] == routing
