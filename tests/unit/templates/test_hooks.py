"""The hooks: two functions of one zip of tapgen's own code, in CodeDeploy's reach, out of the versions' way."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tapgen.hook_runtime import PREFIX_VARIABLE
from tapgen.naming import HOOKS
from tests.unit.templates.variants import (
    ARTIFACTS,
    REPOSITORY,
    VARIANTS,
    Template,
    environment,
    of_type,
    properties,
    templates,
)

EVENTS = [("before", "BeforeHook"), ("after", "AfterHook")]


def _compute(**changes: Any) -> Template:
    return templates(environment("dev", **changes))["compute"]


@pytest.mark.parametrize(("event", "prefix"), EVENTS)
def test_hook_is_named_as_codedeploy_expects(event: str, prefix: str) -> None:
    """CodeDeploy's managed role may invoke functions with this prefix alone."""
    function = properties(_compute(), f"{prefix}Function")

    assert function["FunctionName"] == f"CodeDeployHook_transactions-dev-eu-west-1-{event}"


@pytest.mark.parametrize(("event", "prefix"), EVENTS)
def test_entry_point_exists(event: str, prefix: str) -> None:
    """Both come from one module, which defines them."""
    module, function = properties(_compute(), f"{prefix}Function")["Handler"].rsplit(".", 1)

    assert (module, function) == ("tapgen.hook_runtime.app", f"{event}_traffic")
    tree = ast.parse((REPOSITORY / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("event", "prefix"), EVENTS)
def test_hook_knows_the_functions_that_are_shifted(event: str, prefix: str) -> None:
    """What their names begin with is the one setting that its code reads; the journeys have the rest of each name."""
    compute = _compute()
    variables = properties(compute, f"{prefix}Function")["Environment"]["Variables"]

    assert variables.keys() == {PREFIX_VARIABLE}
    names = [properties(compute, f"{role}Function")["FunctionName"] for role in ("Api", "Archiver")]
    assert [name.removeprefix(variables[PREFIX_VARIABLE]) for name in names] == ["api", "archiver"]


@pytest.mark.parametrize(("event", "prefix"), EVENTS)
def test_hooks_share_settings_and_code(event: str, prefix: str) -> None:
    """`functions.hooks` is for both; there is no layer that a cold start would have to load."""
    compute = _compute(
        functions__hooks__memory_mb=384,
        functions__hooks__timeout_s=45,
        functions__hooks__architecture="x86_64",
        functions__hooks__reserved_concurrency=2,
        functions__hooks__tracing=False,
        functions__hooks__log_level="DEBUG",
        functions__hooks__log_retention_days=3,
    )

    function = properties(compute, f"{prefix}Function")
    assert (function["MemorySize"], function["Timeout"], function["Architectures"]) == (384, 45, ["x86_64"])
    assert function["ReservedConcurrentExecutions"] == 2
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert function["Code"]["S3Key"] == f"artifacts/hooks/{ARTIFACTS[2].digest}.zip"
    assert "Layers" not in function
    group = properties(compute, f"{prefix}LogGroup")
    assert group["LogGroupName"] == f"/aws/lambda/{function['FunctionName']}"
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": group["LogGroupName"],
        "ApplicationLogLevel": "DEBUG",
        "SystemLogLevel": "INFO",
    }
    assert group["RetentionInDays"] == 3
    assert compute["Resources"][f"{prefix}Function"]["DependsOn"] == f"{prefix}LogGroup"
    (layer,) = of_type(compute, "AWS::Lambda::LayerVersion").values()
    assert layer["Properties"]["CompatibleArchitectures"] == ["arm64"]


@pytest.mark.parametrize("prefix", [prefix for _, prefix in EVENTS])
def test_hooks_are_not_published(prefix: str) -> None:
    """No version and no alias: nothing of theirs is shifted."""
    compute = _compute()

    for published in (*of_type(compute, "AWS::Lambda::Version"), *of_type(compute, "AWS::Lambda::Alias")):
        assert properties(compute, published)["FunctionName"] != {"Ref": f"{prefix}Function"}


@pytest.mark.parametrize("name", VARIANTS)
def test_codedeploy_and_the_hooks_may_do_exactly_what_the_templates_make(name: str) -> None:
    """Roles name what other stacks make: functions, groups and the application are the same on both sides."""
    found = templates(VARIANTS[name])
    compute, security = found["compute"], found["security"]

    def granted(role: str, sid: str) -> set[str]:
        (policy,) = properties(security, role)["Policies"]
        (statement,) = [item for item in policy["PolicyDocument"]["Statement"] if item["Sid"] == sid]
        return {resource["Fn::Sub"].partition("${AWS::AccountId}:")[2] for resource in statement["Resource"]}

    hooks = {properties(compute, f"{prefix}Function")["FunctionName"] for _, prefix in EVENTS}
    assert granted("CodeDeployRole", "InvokeHooks") == {f"function:{hook}" for hook in hooks}
    application = properties(compute, "CodeDeployApplication")["ApplicationName"]
    groups = of_type(compute, "AWS::CodeDeploy::DeploymentGroup").values()
    shifted = [properties(compute, f"{role}Function")["FunctionName"] for role in ("Api", "Archiver")]
    for _, prefix in EVENTS:
        assert granted(f"{prefix}Role", "JudgeDeployments") == {
            f"deploymentgroup:{application}/{group['Properties']['DeploymentGroupName']}" for group in groups
        }
        assert granted(f"{prefix}Role", "TryVersions") == {f"function:{function}:*" for function in shifted}


def test_logs_of_the_hooks_are_found_from_outside() -> None:
    """The root says where a failed hook has written why."""
    outputs = templates(environment("dev"))["root"]["Outputs"]

    assert [f"{event.capitalize()}HookLogGroupName" in outputs for event in HOOKS] == [True, True]
