"""What crosses a stack's border has one provider, a reader and a type, or nothing is rendered."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tapgen.elements import wiring
from tapgen.elements.wiring import NAME, TABLE, Stack, Value, connect
from tapgen.errors import RenderError
from tapgen.templates import root
from tapgen.templates.service import build_stacks
from tests.unit.templates.variants import ARTIFACTS, ENVIRONMENTS, VARIANTS, artifact, environment, templates

LEFT = Value("Left", "A name", NAME)
RIGHT = Value("Right", "A table", TABLE)


def _stack(
    name: str, *, takes: tuple[Value, ...] = (), gives: tuple[Value, ...] = (), exports: tuple[Value, ...] = ()
) -> Stack:
    stack = Stack(name, "A stack")
    for value in takes:
        stack.take(value)
    for value in gives:
        stack.give(value, "content")
    for value in exports:
        stack.export(value, "content")
    return stack


def _faults(*stacks: Stack) -> list[str]:
    with pytest.raises(RenderError) as raised:
        connect(stacks)
    assert raised.value.code == "wiring"
    return raised.value.why.splitlines()


def test_parameters_are_references_to_the_provider() -> None:
    """An input becomes a parameter that the root fills from the provider's output."""
    parameters = connect([_stack("data", gives=(LEFT,)), _stack("compute", takes=(LEFT,))])

    assert parameters["data"] == {}
    assert parameters["compute"]["Left"].to_dict() == {"Fn::GetAtt": ["Data", "Outputs.Left"]}


def test_input_without_provider() -> None:
    """A missing provider is named with the stack that needs it."""
    assert _faults(_stack("compute", takes=(LEFT,))) == ["compute needs Left, which no earlier stack gives"]


def test_provider_must_come_first() -> None:
    """A stack cannot take what a later one gives: they would wait for each other."""
    faults = _faults(_stack("compute", takes=(LEFT,)), _stack("data", gives=(LEFT,)))

    assert faults == ["compute needs Left, which no earlier stack gives"]


def test_output_that_nobody_reads() -> None:
    """An output is read by another stack or exported by the root."""
    assert _faults(_stack("data", gives=(LEFT,))) == ["data gives Left, which nobody reads"]
    assert connect([_stack("data", exports=(LEFT,))]) == {"data": {}}


def test_two_providers() -> None:
    """Which of two providers is meant would depend on their order."""
    faults = _faults(_stack("data", exports=(LEFT,)), _stack("compute", gives=(LEFT,)))

    assert faults == ["Left comes from data and compute"]


def test_types_must_agree() -> None:
    """A provider and a reader that mean different things by one name do not fit."""
    other = dataclasses.replace(LEFT, kind=TABLE)

    faults = _faults(_stack("data", gives=(LEFT,)), _stack("compute", takes=(other,)))

    assert faults == ["compute takes Left as the ARN of a DynamoDB table, but data gives a name"]


def test_all_faults_at_once() -> None:
    """One run names everything that does not fit."""
    faults = _faults(_stack("data", gives=(LEFT,)), _stack("compute", takes=(RIGHT,)))

    assert faults == [
        "compute needs Right, which no earlier stack gives",
        "data gives Left, which nobody reads",
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_root_fills_exactly_the_parameters_of_each_stack(name: str) -> None:
    """Each nested stack gets all of its parameters, and no other."""
    finished = templates(VARIANTS[name])

    for stack, template in finished.items():
        if stack in {"root", "bootstrap"}:
            continue
        nested = finished["root"]["Resources"][wiring.logical_id(stack)]["Properties"]
        assert nested.get("Parameters", {}).keys() == template.get("Parameters", {}).keys()


def test_values_of_a_deployment_match_their_types() -> None:
    """The types accept what the services really give out, in every partition, and refuse something else."""
    account = "eu-west-1:123456789012"
    examples = {
        wiring.KEY: f"arn:aws:kms:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        wiring.ROLE: "arn:aws-cn:iam::123456789012:role/transactions-prod-eu-west-1-api",
        wiring.TABLE: f"arn:aws-us-gov:dynamodb:{account}:table/transactions-prod-eu-west-1-transactions",
        wiring.STREAM: f"arn:aws:dynamodb:{account}:table/transactions/stream/2026-01-01T00:00:00.000",
        wiring.QUEUE: f"arn:aws:sqs:{account}:transactions-prod-eu-west-1-dead-letters",
        wiring.ALIAS: f"arn:aws:lambda:{account}:function:transactions-prod-eu-west-1-api:live",
        wiring.VERSION: f"arn:aws:lambda:{account}:function:transactions-prod-eu-west-1-api:12",
        wiring.TOPIC: f"arn:aws:sns:{account}:transactions-prod-eu-west-1-alarms-critical",
        wiring.URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/dead-letters",
        wiring.NAME: "transactions-prod-eu-west-1-archive-123456789012",
    }

    for kind, example in examples.items():
        assert kind.accepts(example), example
        assert not kind.accepts(""), kind
    assert not wiring.KEY.accepts(examples[wiring.ROLE])


def test_release_id_reaches_no_nested_stack() -> None:
    """A nested stack that took the release id would change with every release."""
    finished = templates(ENVIRONMENTS.resolve("prod"))

    settings = {wiring.BREAK_GLASS.name, wiring.SHIFT.name}
    assert set(finished["root"]["Parameters"]) == {root.RELEASE_PARAMETER, *settings}
    assert root.RELEASE_PARAMETER not in json.dumps(finished["root"]["Resources"])


def test_template_url_names_the_contents() -> None:
    """A nested stack's URL is path-style, without a written-down partition, and changes with the template alone."""
    url = templates(environment("dev"))["root"]["Resources"]["Data"]["Properties"]["TemplateURL"]["Fn::Sub"]

    bucket = "transactions-dev-eu-west-1-artifacts-111122223333"
    assert url.startswith(f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{bucket}/templates/data/")
    changed = templates(environment("dev", tables__transactions__point_in_time_recovery=False))["root"]["Resources"]
    assert changed["Data"]["Properties"]["TemplateURL"]["Fn::Sub"] != url
    same = templates(environment("dev"), (artifact("api", digest="f" * 32), *ARTIFACTS[1:]))["root"]["Resources"]
    assert same["Data"]["Properties"]["TemplateURL"]["Fn::Sub"] == url
    assert same["Compute"] != changed["Compute"]


def test_what_operators_and_tests_read() -> None:
    """The root's outputs are a contract."""
    assert set(templates(environment("local"))["root"]["Outputs"]) == {
        "AccessLogBucketName",
        "AccessLogGroupName",
        "AfterHookLogGroupName",
        "ApiAliasArn",
        "ApiDeploymentGroupName",
        "ApiFunctionName",
        "ApiId",
        "ApiLogGroupName",
        "ApiUrl",
        "ApiVersionArn",
        "ArchiveBucketName",
        "ArchiverAliasArn",
        "ArchiverDeploymentGroupName",
        "ArchiverFunctionName",
        "ArchiverLogGroupName",
        "ArchiverVersionArn",
        "BeforeHookLogGroupName",
        "CodeDeployApplicationName",
        "CriticalTopicArn",
        "DashboardUrl",
        "DeadLetterQueueUrl",
        "ReleaseId",
        "TransactionsTableArn",
        "TransactionsTableName",
        "WarningTopicArn",
    }


def test_what_troposphere_refuses_is_our_error(capfd: pytest.CaptureFixture[str]) -> None:
    """A value that AWS does not allow names stack, resource and property, and nothing is printed."""
    broken = environment("dev", functions__api__memory_mb=64)

    with pytest.raises(RenderError) as raised:
        build_stacks(broken, {item.name: item for item in ARTIFACTS})

    assert raised.value.what == "the compute template cannot be built"
    assert raised.value.why == "ApiFunction.MemorySize: Lambda Function memory size must be between 128 and 10240"
    assert capfd.readouterr() == ("", "")


def test_property_of_a_wrong_type_is_our_error() -> None:
    """A wrong type is named with its property."""
    broken = environment("dev", tables__transactions__stream_view=3)

    with pytest.raises(RenderError, match=r"the data template cannot be built.*StreamViewType"):
        build_stacks(broken, {item.name: item for item in ARTIFACTS})
