"""Runtimes of functions: zips of Python and Node.js run with this machine's programs, others say that they cannot."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.server import LocalAws
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.deliveries import allow, ref, resource, role

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.conftest import ClientFactory

NODE = """exports.handler = async (event, context) => {
  if (event.crash) { throw new Error("crash"); }
  return {name: event.name, arn: context.invokedFunctionArn, remaining: context.getRemainingTimeInMillis() > 0};
};
"""


def function(**properties: Any) -> dict[str, Any]:
    return resource(
        "AWS::Lambda::Function", **{"Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]}} | properties
    )


def published(**properties: Any) -> dict[str, Any]:
    """A function with an alias."""
    resources = {
        "Role": role("lambda"),
        "Function": function(**properties),
        "Version": resource("AWS::Lambda::Version", FunctionName=ref("Function")),
        "Live": resource(
            "AWS::Lambda::Alias",
            FunctionName=ref("Function"),
            FunctionVersion={"Fn::GetAtt": ["Version", "Version"]},
            Name="live",
        ),
    }
    return {"Resources": resources}


def invoke(client: ClientFactory, name: str, event: Any) -> tuple[Any, str]:
    """What a function answers, and the kind of its error."""
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read()), answer.get("FunctionError", "")


@pytest.mark.skipif(shutil.which("node") is None, reason="this machine has no Node.js")
@pytest.mark.parametrize("runtime", ["nodejs22.x", "nodejs24.x"])
def test_node_runs_with_the_machines_node(stacks: Stacks, client: ClientFactory, name: str, runtime: str) -> None:
    """An answer and an error arrive as Lambda gives them."""
    assert stacks.create(name, published(Runtime=runtime, Code={"ZipFile": NODE})) == "CREATE_COMPLETE"
    live = stacks.resources(name)["Live"]
    answer, error = invoke(client, live, {"name": "Ada"})
    assert (answer, error) == ({"name": "Ada", "arn": live, "remaining": True}, "")
    failure, error = invoke(client, live, {"crash": True})
    assert (failure["errorMessage"], failure["errorType"], error) == ("crash", "Error", "Unhandled")


@pytest.mark.parametrize("runtime", ["python3.10", "python3.11", "python3.12", "python3.13", "python3.14"])
def test_python_runs_with_the_machines_python(stacks: Stacks, client: ClientFactory, name: str, runtime: str) -> None:
    """Whatever the version is that a template names."""
    code = "def handler(event, context):\n    return event['name']\n"
    stacks.create(name, published(Runtime=runtime, Code={"ZipFile": code}))
    assert invoke(client, stacks.resources(name)["Live"], {"name": "Ada"}) == ("Ada", "")


def test_without_node_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A machine that has none deploys the function all the same, and its invocation fails with the reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    aws = LocalAws(tmp_path / "aws", lifetime="parent")
    try:
        client = client_factory(aws.ensure_running())
        stacks = Stacks(client)
        assert stacks.create(name, published(Runtime="nodejs22.x", Code={"ZipFile": NODE})) == "CREATE_COMPLETE"
        failure, error = invoke(client, stacks.resources(name)["Live"], {})
    finally:
        aws.stop()
    assert error == "Unhandled"
    assert "needs Node.js on this machine" in failure["errorMessage"]
    assert "nodejs22.x" in failure["errorMessage"]


@pytest.mark.parametrize(
    ("properties", "what"),
    [
        (
            {"PackageType": "Image", "Code": {"ImageUri": "000000000000.dkr.ecr.eu-central-1.amazonaws.com/orders:1"}},
            "container image",
        ),
        ({"Runtime": "java21", "Handler": "orders.Handler", "Code": {"ZipFile": "class"}}, "java21"),
    ],
    ids=["image", "java"],
)
def test_what_cannot_run_here_says_so(
    stacks: Stacks, client: ClientFactory, name: str, *, properties: dict[str, Any], what: str
) -> None:
    """It is deployed, and recorded as it is; an invocation fails with the reason instead of a made-up answer."""
    if properties.get("PackageType"):
        properties = {**properties, "Handler": None}
    given = {key: value for key, value in properties.items() if value is not None}
    made = published(**given)
    if "Handler" not in given:
        made["Resources"]["Function"]["Properties"].pop("Handler")
    assert stacks.create(name, made) == "CREATE_COMPLETE"
    found = client("lambda").get_function(FunctionName=stacks.resources(name)["Function"])
    assert found["Configuration"].get("PackageType", "Zip") == properties.get("PackageType", "Zip")
    failure, error = invoke(client, stacks.resources(name)["Live"], {})
    assert error == "Unhandled"
    assert what in failure["errorMessage"]
    assert "embedded AWS" in failure["errorMessage"]


def test_what_is_configured_is_recorded(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """As GetFunctionConfiguration answers; a function in a VPC needs a role that may make network interfaces."""
    layer = "arn:aws:lambda:eu-central-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:7"
    vpc = {"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"], "Ipv6AllowedForDualStack": True}
    made = published(
        Runtime="python3.13",
        Code={"ZipFile": "def handler(event, context):\n    return 1\n"},
        VpcConfig=vpc,
        EphemeralStorage={"Size": 1024},
        TracingConfig={"Mode": "Active"},
        Layers=[layer],
        ReservedConcurrentExecutions=7,
        RecursiveLoop="Allow",
    )
    refused = stacks.create(f"{name}-2", made)
    assert refused == "ROLLBACK_COMPLETE"
    assert "CreateNetworkInterface" in " ".join(reason for _, _, reason in stacks.events(f"{name}-2"))
    made["Resources"]["Role"] = role("lambda", allow("ec2:CreateNetworkInterface", "*"))
    assert stacks.create(name, made) == "CREATE_COMPLETE"
    functions = client("lambda")
    function_name = stacks.resources(name)["Function"]
    for qualifier in ("$LATEST", "live"):
        found = functions.get_function_configuration(FunctionName=function_name, Qualifier=qualifier)
        assert found["VpcConfig"]["SubnetIds"] == vpc["SubnetIds"]
        assert found["VpcConfig"]["SecurityGroupIds"] == vpc["SecurityGroupIds"]
        assert found["EphemeralStorage"] == {"Size": 1024}
        assert found["TracingConfig"] == {"Mode": "Active"}
        assert [each["Arn"] for each in found["Layers"]] == [layer]
    assert functions.get_function_concurrency(FunctionName=function_name)["ReservedConcurrentExecutions"] == 7
    assert functions.get_function_recursion_config(FunctionName=function_name)["RecursiveLoop"] == "Allow"
    assert invoke(client, stacks.resources(name)["Live"], {})[0] == 1

    del made["Resources"]["Function"]["Properties"]["VpcConfig"]
    assert stacks.update(name, made) == "UPDATE_COMPLETE"
    assert (
        functions.get_function_configuration(FunctionName=function_name).get("VpcConfig", {}).get("SubnetIds", []) == []
    )


def test_a_snapshot_is_waited_for(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A version with SnapStart is active when its stack is; one that does not start fails the stack."""
    code = "import time\ntime.sleep(0.5)\ndef handler(event, context):\n    return 1\n"
    snapped = published(Runtime="python3.13", Code={"ZipFile": code}, SnapStart={"ApplyOn": "PublishedVersions"})
    assert stacks.create(name, snapped) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    found = client("lambda").get_function_configuration(FunctionName=made["Function"], Qualifier="live")
    assert (found["State"], found["SnapStart"]["OptimizationStatus"]) == ("Active", "On")
    assert invoke(client, made["Live"], {}) == (1, "")

    broken = published(
        Runtime="python3.13", Code={"ZipFile": "raise ValueError('broken')"}, SnapStart={"ApplyOn": "PublishedVersions"}
    )
    assert stacks.create(f"{name}-2", broken) == "ROLLBACK_COMPLETE"
