"""``tapgen drift`` as its user meets it: seen by CloudFormation or not, before a deploy, and reverted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

PREFIX = "transactions-local-us-east-1"
FUNCTION = f"{PREFIX}-api"
LOG_GROUP = f"/aws/lambda/{FUNCTION}"
BUCKET = f"{PREFIX}-archive-000000000000"
DRIFT = ("drift", "--env", "local")


@pytest.fixture(autouse=True, scope="module")
def _live(project: Project) -> None:
    file = project.folder / "config" / "environments.yaml"
    pager = "    notifications:\n      critical:\n        - {protocol: email, endpoint: pager@example.com}\n"
    file.write_text(file.read_text(encoding="utf-8").replace("  local:\n", f"  local:\n{pager}", 1), encoding="utf-8")
    project.run("deploy", "--env", "local", "--yes")


def _drifted(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Path of the property → what was found."""
    return {
        f"{resource['stack']}.{resource['logical_id']}.{each['path']}": {**each, "seen_by": resource["seen_by"]}
        for resource in document["resources"]
        for each in resource["properties"]
    }


def test_what_was_just_deployed_has_not_drifted(project: Project) -> None:
    """All stacks are compared, what cannot be is named by its type, and a subscription waits for its owner alone."""
    document = project.run_text_json(*DRIFT)

    found = _drifted(document)
    assert set(found) <= {"Observability.CriticalSubscription1.Endpoint"}
    assert document["checked"] > 30
    assert {each["resource_type"] for each in document["unchecked"]} >= {"AWS::CodeDeploy::DeploymentGroup"}
    assert document["failures"] == []


def test_what_cloudformation_sees_and_what_it_does_not(project: Project) -> None:
    """Memory, retention and a bucket's policy on one side, the alarms of a deployment group on the other."""
    project.client("lambda").update_function_configuration(FunctionName=FUNCTION, MemorySize=1024)
    project.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365)
    project.client("codedeploy").update_deployment_group(
        applicationName=f"{PREFIX}-shifts",
        currentDeploymentGroupName=FUNCTION,
        alarmConfiguration={"enabled": False, "alarms": []},
    )
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    project.client("s3").delete_public_access_block(Bucket=BUCKET)
    project.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=policy)

    done = project.start(*DRIFT, "--exit-code", "--json")
    found = _drifted(json.loads(done.stdout))

    assert done.returncode == 10
    memory = found["Compute.ApiFunction.MemorySize"]
    assert (memory["expected"], memory["actual"], memory["seen_by"]) == (512, 1024, "CloudFormation")
    retention = found["Compute.ApiLogGroup.RetentionInDays"]
    assert (retention["expected"], retention["actual"]) == (7, 365)
    guards = found["Compute.ApiDeploymentGroup.AlarmConfiguration.Alarms"]
    assert (len(guards["expected"]), guards["actual"], guards["seen_by"]) == (3, [], "tapgen")
    assert any(path.startswith("Data.ArchiveBucketPolicy.PolicyDocument") for path in found)
    page = project.run(*DRIFT)
    assert "Compute.ApiFunction  Lambda::Function  has drifted" in page
    assert "(CloudFormation does not see it)" in " ".join(page.split())


def test_a_deploy_says_what_it_overwrites(project: Project) -> None:
    """Of what the last look found, only what the change set changes; it costs one read."""
    project.edit_api("over drift")
    done = project.start("deploy", "--env", "local", "--no-execute-changeset")

    assert done.returncode == 0, done.stderr
    warned = " ".join(done.stderr.split())
    assert "Compute.ApiFunction has drifted: MemorySize is 1024 instead of 512; this deploy changes it" in warned
    assert "Compute.ApiLogGroup has drifted" not in warned


def test_reverting_brings_back_what_a_change_set_can(project: Project) -> None:
    """One change set for each stack; what CloudFormation does not see is still there, with its way out."""
    unasked = project.start(*DRIFT, "--revert")
    assert (unasked.returncode, "--yes" in unasked.stderr) == (3, True)

    document = project.run_text_json(*DRIFT, "--revert", "--yes")

    assert set(document["reverted"]) >= {"Compute.ApiFunction", "Compute.ApiLogGroup", "Data.ArchiveBucketPolicy"}
    left = _drifted(document)
    assert not [path for path, each in left.items() if each["seen_by"] == "CloudFormation"]
    assert "Compute.ApiDeploymentGroup.AlarmConfiguration.Alarms" in left
    configuration = project.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    assert configuration["MemorySize"] == 512
    groups = project.client("logs").describe_log_groups(logGroupNamePrefix=LOG_GROUP)["logGroups"]
    assert groups[0]["retentionInDays"] == 7
    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "done"


def test_an_alias_is_not_reverted_by_a_change_set(project: Project) -> None:
    """That would shift live traffic from wherever it goes now: recover is named instead."""
    functions = project.client("lambda")
    versions = functions.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    live = functions.get_alias(FunctionName=FUNCTION, Name="live")["FunctionVersion"]
    other = next(each["Version"] for each in versions if each["Version"] not in {"$LATEST", live})
    functions.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=other)

    found = _drifted(project.run_text_json(*DRIFT))
    refused = project.start(*DRIFT, "--revert", "--yes")

    assert any(path.startswith("Compute.ApiLiveAlias.") for path in found)
    assert refused.returncode == 3
    assert "tapgen recover --env local" in refused.stderr
    project.run("recover", "--env", "local", "--yes")
    assert not any(path.startswith("Compute.ApiLiveAlias.") for path in _drifted(project.run_text_json(*DRIFT)))


def test_nothing_deployed_is_nothing_to_compare(project: Project) -> None:
    """Exit 2, as for every command that needs a deployment."""
    done = project.start(*DRIFT, "--suffix", "nobody")

    assert (done.returncode, "is not deployed" in done.stderr) == (2, True)
