"""``tapgen diff`` as its user meets it: against what is live, a release, a commit, with CloudFormation beside it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project


def _git(project: Project, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", "-C", str(project.folder), *identity, *arguments], check=True, capture_output=True)


def test_everything_is_new_before_the_first_deploy(project: Project) -> None:
    """Exit code 10 is asked for; a change set would leave an empty stack behind, so it is refused."""
    done = project.start("diff", "--env", "local", "--exit-code")

    assert done.returncode == 10
    assert "nothing deployed" in done.stdout
    assert "+ TransactionsTable  add" in done.stdout
    refused = project.start("diff", "--env", "local", "--change-set")
    assert refused.returncode == 2
    assert "is not deployed" in refused.stderr


def test_what_is_live_does_not_differ_and_an_edit_does(project: Project) -> None:
    """Two log groups and some code: the files are read from the bucket, the version and its shift are named."""
    project.run("deploy", "--env", "local", "--yes")
    assert "no differences" in project.run("diff", "--env", "local", "--exit-code")

    _git(project, "init", "--quiet")
    _git(project, "add", "config", "handlers")
    _git(project, "commit", "--quiet", "--message", "as it is live")
    project.edit_api("another edition")
    document = json.loads(project.run("diff", "--env", "local", "--json", "--exit-code", expect=10))

    assert document["counts"] | {"renew": 3, "modify": 1, "follow": 2} == document["counts"]
    (artifact,) = document["artifacts"]
    assert [file["path"] for file in artifact["files"]] == ["handlers/api/problems.py"]
    (publication,) = document["publications"]
    assert (publication["function"], publication["reasons"]) == ("ApiFunction", ["code"])


def test_cloudformation_is_asked_and_left_as_it_was(project: Project) -> None:
    """Its change set confirms each change, announces some that will not happen, and is deleted again."""
    document = json.loads(project.run("diff", "--env", "local", "--change-set", "--json"))

    compute = next(stack for stack in document["stacks"] if stack["stack"] == "compute")
    confirmed = {each["logical_id"].rstrip("0123456789abcdef"): each["confirmed"] for each in compute["resources"]}
    assert confirmed["ApiFunction"] == confirmed["ApiVersion"] == "same"
    assert set(confirmed.values()) == {"same"}
    assert all(alarm["source"] for alarm in document["false_alarms"])
    listed = project.client("cloudformation").list_change_sets(StackName="transactions-local-us-east-1-service")
    assert not [each for each in listed["Summaries"] if each["ChangeSetName"].startswith("diff-")]


def test_a_commit_and_a_release_are_compared_alike(project: Project) -> None:
    """The commit was what is live: both say the same of the project; a commit needs no AWS at all."""
    against = {
        what: json.loads(project.run("diff", "--env", "local", "--against", what, "--json"))
        for what in ("1", "HEAD", "git:HEAD", "release:1")
    }

    labels = {document.pop("before") for document in against.values()}
    assert len(labels) == 2
    assert against["1"] == against["HEAD"] == against["git:HEAD"] == against["release:1"]
    markdown = project.run("diff", "--env", "local", "--against", "HEAD", "--markdown")
    assert markdown.startswith("### transactions-local: 1 to modify")
    unknown = project.start("diff", "--env", "local", "--against", "no-such-branch")
    assert unknown.returncode == 2
    assert "no-such-branch is no commit" in unknown.stderr
