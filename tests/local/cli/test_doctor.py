"""``tapgen doctor`` on an account that is not in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.local.cli.conftest import copy_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.local.cli.conftest import Project

pytestmark = pytest.mark.local

ACCOUNT = "111122223333"


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose environment ``dev`` is an account of the embedded AWS with nothing in it."""
    folder: Path = tmp_path_factory.mktemp("doctor")
    project = copy_project(folder)
    project.run("local", "start")
    yield project
    project.run("local", "stop")


def _examine(project: Project, key: dict[str, str], *, expect: int) -> dict[str, list[dict[str, Any]]]:
    """Findings by check, as the owner of an access key sees them."""
    endpoint = project.run_text_json("local", "status")["endpoint_url"]
    done = project.start("doctor", "--env", "dev", "--endpoint-url", endpoint, "--json", environ=key)
    assert done.returncode == expect, done.stdout + done.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["check"], []).append(finding)
    return found


def _root_key(account: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "test"}


def test_the_wrong_account_ends_the_questions(project: Project) -> None:
    """Credentials of another account fail with both ids; what could only mislead then is not asked."""
    found = _examine(project, _root_key("999999999999"), expect=2)

    (credentials,) = found["credentials"]
    assert credentials["status"] == "failed"
    assert "999999999999" in credentials["what"]
    assert ACCOUNT in credentials["what"]
    assert "permissions" not in found


def test_what_is_missing_is_named_with_the_way_to_it(project: Project) -> None:
    """A principal that may read stacks and nothing else is told what it lacks, and that bootstrap was never run."""
    endpoint = project.run_text_json("local", "status")["endpoint_url"]
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
    )
    iam.create_user(UserName="reader")
    reads = [f"cloudformation:{verb}*" for verb in ("Describe", "Get", "List")]
    allowed = [*reads, "iam:SimulatePrincipalPolicy", "sts:*", "s3:*"]
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]

    found = _examine(
        project,
        {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]},
        expect=2,
    )

    lacking = {finding["why"].partition(",")[0] for finding in found["permissions"]}
    assert {"ReleaseStacks", "WatchShifts", "PassExecutionRole"} <= lacking
    assert "ReadStacks" not in lacking
    assert "WriteArtifacts" not in lacking
    assert found["bootstrap"][0]["fix"] == "tapgen bootstrap --env dev"
    assert found["credentials"][0]["what"].endswith("user/reader")


def test_who_may_do_everything_lacks_nothing(project: Project) -> None:
    """After bootstrap, the account's owner finds everything in order."""
    endpoint = project.run_text_json("local", "status")["endpoint_url"]
    done = project.start("bootstrap", "--env", "dev", "--endpoint-url", endpoint, environ=_root_key(ACCOUNT))
    assert done.returncode == 0, done.stderr

    found = _examine(project, _root_key(ACCOUNT), expect=0)

    wanted = ("credentials", "clock", "permissions", "bootstrap", "lock", "stack")
    assert {check: [item["status"] for item in found[check]] for check in wanted} == {
        check: ["passed"] for check in wanted
    }
