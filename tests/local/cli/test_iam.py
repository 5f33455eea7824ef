"""``tapgen iam`` as its user meets it: what a deploy would change of the permissions, and the proof of one role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

BUCKET = "transactions-local-us-east-1-artifacts-000000000000"
API_ROLE = "transactions-local-us-east-1-api"


@pytest.fixture(name="project", scope="module")
def _project(deployed: Project) -> Project:
    return deployed


def test_a_deploy_that_broadens_a_role_is_told_before(project: Project) -> None:
    """Nothing to tell of the live release; tracing lets each function's role do more, which is exit code 3."""
    assert json.loads(project.run("iam", "diff", "--env", "local", "--json")) == {"added": [], "removed": []}

    file = project.folder / "config" / "environments.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("tracing: false", "tracing: true", 1), encoding="utf-8")
    lines = project.run("iam", "diff", "--env", "local", expect=3).splitlines()

    assert all(line.startswith("+ ") for line in lines)
    refused = project.start("deploy", "--env", "local", "--yes")
    assert refused.returncode == 3
    assert f"{API_ROLE}: xray:PutTraceSegments on *" in refused.stderr
    assert project.run_json("deploy", "--env", "local", "--yes", "--allow-broadening")["status"] == "done"
    shown = json.loads(project.run("releases", "show", "2", "--env", "local", "--json"))
    record = shown["record"]["intent"]["broadening"]
    assert record["allowed_by"].endswith(":root")
    assert any("xray:PutTraceSegments" in grant for grant in record["grants"])
    assert any(line.startswith(f"+ {API_ROLE}: xray:PutTraceSegments on *") for line in lines)
    bootstrap = project.client("cloudformation").describe_stacks(StackName="transactions-local-us-east-1-bootstrap")
    outputs = {item["OutputKey"]: item["OutputValue"] for item in bootstrap["Stacks"][0]["Outputs"]}
    root = project.client("cloudformation").describe_stacks(StackName="transactions-local-us-east-1-service")
    assert root["Stacks"][0]["RoleARN"] == outputs["ExecutionRoleArn"]


def test_a_release_without_record_is_compared_all_the_same(project: Project) -> None:
    """What is live is what CloudFormation has: without any record of it, a deploy that broadens is still refused."""
    s3, prefix = project.client("s3"), "releases/transactions-local/"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    for item in listed:
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])

    file = project.folder / "config" / "environments.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("tracing: true", "tracing: false"), encoding="utf-8")
    project.run("deploy", "--env", "local", "--yes")
    file.write_text(text, encoding="utf-8")
    refused = project.start("deploy", "--env", "local", "--yes")

    assert listed
    assert refused.returncode == 3
    assert "xray:PutTraceSegments" in refused.stderr


def test_one_role_is_proven_on_an_embedded_aws_of_its_own(project: Project) -> None:
    """All of its mutants are caught; the developer's own deployment is not touched, whatever its state."""
    proof = json.loads(project.run("iam", "prove", "--env", "local", "--role", API_ROLE, "--json"))

    assert proof["holds"] is True
    assert proof["caught"] == proof["total"] > 0
    assert {item["caught_by"] for item in proof["mutants"]} >= {"create", "list"}
    assert project.start("iam", "prove", "--env", "local", "--role", "nobody").returncode == 2
