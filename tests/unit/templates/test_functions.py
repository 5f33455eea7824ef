"""The functions: what the handlers need is there, and every setting arrives where it belongs."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.unit.templates.variants import (
    ARTIFACTS,
    REPOSITORY,
    VARIANTS,
    Template,
    environment,
    of_type,
    only,
    properties,
    templates,
)

ROLES = ("api", "archiver")


def _compute(**changes: Any) -> Template:
    return templates(environment("dev", **changes))["compute"]


def _settings_read_by(role: str) -> set[str]:
    """Names given to ``read_setting`` in the function's own folder."""
    calls = [
        node
        for path in (REPOSITORY / "handlers" / role).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "read_setting"
    ]
    return {str(argument.value) for call in calls for argument in call.args[:1] if isinstance(argument, ast.Constant)}


@pytest.mark.parametrize("role", ROLES)
def test_handlers_get_every_setting_that_they_read(role: str) -> None:
    """A variable that a handler reads and the template does not set would fail at init, after the deployment."""
    variables = properties(_compute(), f"{role.capitalize()}Function")["Environment"]["Variables"]

    read = _settings_read_by(role)
    assert read
    assert read <= variables.keys()


@pytest.mark.parametrize("role", ROLES)
def test_entry_point_exists(role: str) -> None:
    """The handler's module is in the repository and defines the function."""
    module, function = properties(_compute(), f"{role.capitalize()}Function")["Handler"].rsplit(".", 1)

    tree = ast.parse((REPOSITORY / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_settings_arrive() -> None:
    """Each function setting is a property of the function of that role."""
    compute = _compute(
        functions__api__memory_mb=1769,
        functions__api__timeout_s=7,
        functions__api__architecture="x86_64",
        functions__api__reserved_concurrency=3,
        functions__api__snap_start=True,
        functions__api__tracing=False,
        functions__api__log_level="WARN",
        functions__api__log_retention_days=5,
    )

    function = properties(compute, "ApiFunction")
    assert (function["MemorySize"], function["Timeout"], function["Architectures"]) == (1769, 7, ["x86_64"])
    assert function["ReservedConcurrentExecutions"] == 3
    assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": "/aws/lambda/transactions-dev-eu-west-1-api",
        "ApplicationLogLevel": "WARN",
        "SystemLogLevel": "INFO",
    }
    # The logging library knows Python's names.
    assert function["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == "WARNING"
    assert properties(compute, "ApiLogGroup")["RetentionInDays"] == 5
    other = properties(compute, "ArchiverFunction")
    assert (other["MemorySize"], other["Timeout"], other["Architectures"]) == (512, 60, ["arm64"])
    assert not {"ReservedConcurrentExecutions", "SnapStart"} & other.keys()


def test_code_lies_in_the_artifact_bucket_under_its_digest() -> None:
    """The code's key is made of its contents: unchanged code is not a change."""
    code = properties(_compute(), "ArchiverFunction")["Code"]

    assert code == {
        "S3Bucket": "transactions-dev-eu-west-1-artifacts-111122223333",
        "S3Key": f"artifacts/archiver/{ARTIFACTS[1].digest}.zip",
    }


def test_layer_is_used_by_all_functions_and_kept() -> None:
    """The dependencies are one layer; published functions use earlier versions of it."""
    compute = _compute()
    (name,) = of_type(compute, "AWS::Lambda::LayerVersion")

    layer = compute["Resources"][name]
    assert layer["UpdateReplacePolicy"] == "Retain"
    assert layer["Properties"]["CompatibleArchitectures"] == ["arm64"]
    for role in ROLES:
        assert properties(compute, f"{role.capitalize()}Function")["Layers"] == [{"Ref": name}]


def test_no_layer_when_none_is_configured() -> None:
    """Without a layer's zip there is no layer, and no function refers to one."""
    compute = templates(environment("dev"), ARTIFACTS[:3])["compute"]

    assert of_type(compute, "AWS::Lambda::LayerVersion") == {}
    assert "Layers" not in properties(compute, "ApiFunction")


@pytest.mark.parametrize(("name", "encrypted"), [("dev", False), ("prod", True)])
def test_variables_are_encrypted_with_the_key_when_there_is_one(name: str, *, encrypted: bool) -> None:
    """A customer-managed key encrypts the variables of every function."""
    for function in of_type(templates(VARIANTS[name])["compute"], "AWS::Lambda::Function").values():
        assert function["Properties"].get("KmsKeyArn") == ({"Ref": "KeyArn"} if encrypted else None)


def test_stream_feeds_the_live_alias_and_fails_into_the_queue() -> None:
    """A batch that fails is bisected, retried, and ends in the dead-letter queue record by record."""
    compute = _compute()
    mapping = only(of_type(compute, "AWS::Lambda::EventSourceMapping"))

    source = mapping["Properties"]
    assert source["EventSourceArn"] == {"Ref": "TransactionsTableStreamArn"}
    assert source["FunctionName"] == {"Ref": "ArchiverLiveAlias"}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BisectBatchOnFunctionError"] is True
    assert source["MaximumRetryAttempts"] > 0
    assert source["DestinationConfig"] == {"OnFailure": {"Destination": {"Ref": "DeadLetterQueueArn"}}}
    # Lambda refuses the mapping while the role cannot read the stream.
    (policy,) = of_type(compute, "AWS::IAM::Policy")
    assert policy in mapping["DependsOn"]


def test_functions_wait_for_their_log_groups() -> None:
    """A function that runs first would make the group itself, without retention, and ours could not be made."""
    compute = _compute()

    for role in ("Api", "Archiver"):
        assert compute["Resources"][f"{role}Function"]["DependsOn"] == f"{role}LogGroup"
