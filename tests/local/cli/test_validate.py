"""``tapgen validate``, and whose word counts in production, on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.local.cli.conftest import copy_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.cli.conftest import Project

TABLE = "transactions-local-us-east-1-transactions"
STACK = "transactions-local-us-east-1-service"


def _validate(project: Project, *options: str, expect: int) -> dict[str, list[dict[str, Any]]]:
    """Findings by check."""
    document = project.run_text_json("validate", "--env", "local", *options, expect=expect)
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in document["findings"]:
        found.setdefault(finding["check"], []).append(finding)
    return found


def _configure(project: Project, old: str, new: str) -> None:
    file = project.folder / "config" / "environments.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_everything_that_is_wrong_is_told_at_once(project: Project) -> None:
    """A name that is taken, a quota that is too small and an issuer that nobody answers for; then it deploys.

    Without the check the first deploy fails on the name; nothing is left of the change set that was made to ask.
    """
    project.run("bootstrap", "--env", "local")
    client = project.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    wrong = "    function:\n      reserved_concurrency: 100000\n      tracing: false\n"
    _configure(project, "    function:\n      tracing: false\n", wrong)
    kept = "access_log_retention_days: 7"
    jwt = f"authorization: JWT\n      jwt: {{issuer: https://127.0.0.1:9/, audiences: [a]}}\n      {kept}"
    _configure(project, f"    api:\n      {kept}", f"    api:\n      {jwt}")

    found = _validate(project, expect=2)

    (name,) = found["name-conflicts"]
    assert (name["status"], TABLE in name["what"], "CloudFormation would fail" in name["why"]) == ("failed", True, True)
    (concurrency,) = found["quota-concurrency"]
    assert (concurrency["status"], "at most" in concurrency["fix"]) == ("failed", True)
    (issuer,) = found["jwt-issuer"]
    assert (issuer["status"], "127.0.0.1:9" in issuer["what"]) == ("failed", True)
    (early,) = found["cloudformation"]
    assert (early["status"], "NAME_CONFLICT_VALIDATION" in early["why"]) == ("failed", True)
    command = f"`tapgen adopt --env local Data.TransactionsTable={TABLE}`"
    assert (command in name["fix"], command in early["fix"]) == (True, True)
    assert all(finding["fix"] for findings in found.values() for finding in findings if finding["status"] == "failed")
    names = [stack["StackName"] for stack in project.client("cloudformation").describe_stacks()["Stacks"]]
    assert not [each for each in names if each.startswith(STACK)]

    _configure(project, "      reserved_concurrency: 100000\n", "")
    _configure(project, jwt, kept)
    refused = project.start("deploy", "--env", "local", "--yes")
    assert refused.returncode == 2
    assert f"{TABLE} is taken" in refused.stderr
    client.delete_table(TableName=TABLE)
    assert {finding["status"] for findings in _validate(project, expect=0).values() for finding in findings} == {
        "passed"
    }
    project.run("deploy", "--env", "local", "--yes")
    (live,) = _validate(project, expect=0)["cloudformation"]
    assert "nothing to change" in live["what"]


def test_what_cannot_be_looked_at_says_why(tmp_path: Path) -> None:
    """No cfn-lint, nobody's credentials, no network: each is skipped with its reason; broken promises are failures."""
    project = copy_project(tmp_path / "project")
    hidden = tmp_path / "hidden" / "cfnlint"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('not here')\n", encoding="utf-8")

    done = project.start("validate", "--env", "dev", "--offline", "--json", environ={"PYTHONPATH": str(hidden.parent)})
    assert done.returncode == 0, done.stderr
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["cfn-lint"]["fix"] == "pip install 'tapgen[lint]'"
    assert {found[check]["why"] for check in ("name-conflicts", "quotas", "cloudformation")} == {"--offline"}

    nobody = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none"}
    done = project.start("validate", "--env", "dev", "--json", environ=nobody)
    assert done.returncode == 2
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["credentials"]["status"] == "failed"
    assert found["quotas"]["status"] == "skipped"

    _configure(project, "point_in_time_recovery: true", "point_in_time_recovery: 7")
    document = project.run_text_json("validate", "--env", "dev", "--offline", expect=2)
    assert any("point_in_time_recovery" in finding["what"] for finding in document["findings"])


def test_yes_alone_does_not_deploy_production(tmp_path: Path) -> None:
    """Outside of a pipeline --yes is refused before anything is asked; with CI it goes on, here to the credentials."""
    project = copy_project(tmp_path)
    nobody = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none"}

    refused = project.start("deploy", "--env", "prod", "--yes", environ={"CI": "", **nobody})
    reverted = project.start("drift", "--env", "prod", "--revert", "--yes", environ={"CI": "", **nobody})
    allowed = project.start("deploy", "--env", "prod", "--yes", environ=nobody)

    assert (refused.returncode, reverted.returncode, allowed.returncode) == (3, 3, 2)
    assert "--yes does not count for `tapgen deploy`" in refused.stderr
    assert "--yes does not count for `tapgen drift --revert`" in reverted.stderr
    assert "credentials" in allowed.stderr
