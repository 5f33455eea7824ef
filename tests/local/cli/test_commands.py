"""Every command against the embedded AWS: what it prints where, and how it exits."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project


def test_status_and_outputs_before_the_first_deploy(project: Project) -> None:
    """Nothing deployed is a state like any other: status says so and what to do, outputs refuse."""
    assert "tapgen deploy --env local" in project.run("status", "--env", "local")
    assert json.loads(project.run("status", "--env", "local", "--json"))["status"] == "not-deployed"
    refused = project.start("outputs", "--env", "local")
    assert refused.returncode == 2
    assert "is not deployed" in refused.stderr


def test_deploy_asks_nobody_in_ci(project: Project) -> None:
    """Without --yes and without a terminal the change set is left in place and the exit code says refused."""
    done = project.start("deploy", "--env", "local", "--suffix", "ask")

    assert done.returncode == 3
    assert "no terminal to ask on" in done.stderr
    assert "--yes" in done.stderr
    assert done.stdout == ""


def test_prepared_change_set_is_shown_and_not_executed(project: Project) -> None:
    """--no-execute-changeset stops after the tree of changes."""
    done = project.start("deploy", "--env", "local", "--suffix", "prep", "--no-execute-changeset")

    assert done.returncode == 0
    assert "+ TransactionsTable" in done.stderr
    assert "prepared, not executed" in done.stderr
    assert "REVIEW_IN_PROGRESS" in project.run("status", "--env", "local", "--suffix", "prep")


def test_progress_goes_to_stderr_and_results_to_stdout(project: Project) -> None:
    """A script that reads standard output gets the outputs and nothing else."""
    done = project.start("deploy", "--env", "local", "--yes")

    assert done.returncode == 0, done.stderr
    assert "CREATE_COMPLETE" in done.stderr
    names = {line.split()[0] for line in done.stdout.splitlines()}
    assert {"ApiUrl", "LocalApiUrl", "ReleaseId", "DashboardUrl"} <= names
    assert "CREATE_COMPLETE" not in done.stdout


def test_json_is_one_event_a_line_with_a_final_result(project: Project) -> None:
    """--json streams events; the last line is the result with exit code and outputs."""
    lines = [json.loads(line) for line in project.run("deploy", "--env", "local", "--yes", "--json").splitlines()]

    assert [line["type"] for line in lines] == ["step-started", "step-finished", "result"]
    assert lines[-1]["status"] == "unchanged"
    assert lines[-1]["exit_code"] == 0
    assert lines[-1]["outputs"]["ApiId"]


def test_json_ends_with_a_result_whatever_fails(project: Project) -> None:
    """A failure before or during the operation is the last line, too: status, exit code and the error's parts."""
    unknown = project.run_json("deploy", "--env", "prd", "--yes", expect=2)
    assert (unknown["status"], unknown["exit_code"], unknown["deployment"]) == ("failed", 2, "prd")
    assert unknown["error"]["code"] == "unknown-environment"
    assert "did you mean 'prod'?" in unknown["error"]["hint"]

    unconfirmed = project.run_json("deploy", "--env", "local", "--suffix", "json", expect=3)
    assert (unconfirmed["type"], unconfirmed["status"]) == ("result", "failed")
    assert unconfirmed["deployment"] == "transactions-local-json"
    assert unconfirmed["error"]["code"] == "confirmation-needed"


def test_outputs_by_key_and_file(project: Project) -> None:
    """One value for a shell, all of them by stack name for a pipeline, an unknown one with those there are."""
    url = project.run("outputs", "--env", "local", "--key", "LocalApiUrl").strip()
    with urllib.request.urlopen(f"{url}/health", timeout=30) as answer:  # noqa: S310 - our own server
        assert json.loads(answer.read()) == {"status": "ok"}

    project.run("outputs", "--env", "local", "--outputs-file", "outputs.json")
    written = json.loads((project.folder / "outputs.json").read_text())
    assert written["transactions-local-us-east-1-service"]["LocalApiUrl"] == url

    unknown = project.start("outputs", "--env", "local", "--key", "Nothing")
    assert unknown.returncode == 2
    assert "ApiUrl" in unknown.stderr


def test_status_shows_the_stacks_and_the_release(project: Project) -> None:
    """Status names every nested stack with its state, and the release that is live."""
    release = json.loads(project.run("outputs", "--env", "local", "--json"))["ReleaseId"]

    page = project.run("status", "--env", "local")

    for words in (release, "Security", "Data", "Compute", "Observability", "CREATE_COMPLETE"):
        assert words in page


def test_suffix_is_an_independent_deployment(project: Project) -> None:
    """A second deployment of the environment has resources of its own and goes without touching the first."""
    second = project.run_json("deploy", "--env", "local", "--suffix", "pr-42", "--yes")
    first = json.loads(project.run("outputs", "--env", "local", "--json"))

    assert second["outputs"]["TransactionsTableName"] == "transactions-local-pr-42-us-east-1-transactions"
    assert first["TransactionsTableName"] == "transactions-local-us-east-1-transactions"
    assert second["outputs"]["ApiId"] != first["ApiId"]
    assert project.run_json("destroy", "--env", "local", "--suffix", "pr-42", "--yes")["status"] == "done"
    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "unchanged"


def test_destroy_needs_consent_and_refuses_production(project: Project) -> None:
    """Without --yes in CI nothing is deleted; production is refused whatever is said."""
    unconfirmed = project.start("destroy", "--env", "local")
    assert unconfirmed.returncode == 3
    assert "--yes" in unconfirmed.stderr
    assert "transactions-local-us-east-1-transactions" in unconfirmed.stderr

    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    prod = project.start(
        *("destroy", "--env", "prod", "--yes", "--endpoint-url", endpoint),
        environ={"AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "test"},
    )
    assert prod.returncode == 0
    assert "Nothing is deployed" in prod.stderr


def test_other_environments_run_on_the_embedded_aws_by_endpoint(project: Project) -> None:
    """Account check, JWT and KMS: the very templates of production deploy to an account of the embedded AWS."""
    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    account = {"AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "test"}
    target = ("--env", "prod", "--endpoint-url", endpoint)

    missing = project.start("deploy", *target, "--yes", environ=account)
    assert missing.returncode == 2
    assert "tapgen bootstrap --env prod" in missing.stderr
    assert project.start("bootstrap", *target, environ=account).returncode == 0
    deployed = project.start("deploy", *target, "--yes", environ=account)
    assert deployed.returncode == 0, deployed.stderr
    refused = project.start("destroy", *target, "--yes", environ=account)
    assert refused.returncode == 3
    assert "protected" in refused.stderr


def test_wrong_account_is_refused(project: Project) -> None:
    """Credentials of another account than the environment's exit 2 with both account ids."""
    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    done = project.start(
        *("deploy", "--env", "dev", "--endpoint-url", endpoint, "--yes"),
        environ={"AWS_ACCESS_KEY_ID": "999999999999", "AWS_SECRET_ACCESS_KEY": "test"},
    )

    assert done.returncode == 2
    assert "999999999999" in done.stderr
    assert "111122223333" in done.stderr


def test_another_region_than_configured_is_said_and_refused_for_production(project: Project) -> None:
    """AWS_REGION wins over the file, but never silently, and production needs --region to mean it."""
    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    environ = {"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-north-1"}

    dev = project.start("bootstrap", "--env", "dev", "--endpoint-url", endpoint, environ=environ)
    assert dev.returncode == 0, dev.stderr
    assert "transactions-dev-eu-north-1-artifacts-111122223333" in dev.stdout
    prod = project.start("deploy", "--env", "prod", "--endpoint-url", endpoint, "--yes", environ=environ)
    assert prod.returncode == 3
    assert "AWS_REGION=eu-north-1" in prod.stderr
    assert "--region eu-north-1" in prod.stderr


def test_local_lifecycle(project: Project) -> None:
    """Stop and start keep the deployment; reset forgets it, and asks first."""
    url = project.run("outputs", "--env", "local", "--key", "LocalApiUrl").strip()
    assert "running" in project.run("local", "status")
    project.run("local", "stop")
    assert "stopped" in project.run("local", "status")
    project.run("local", "start")
    with urllib.request.urlopen(f"{url}/health", timeout=30) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
    assert "INFO" in project.run("local", "logs")

    assert project.start("local", "reset").returncode == 3
    project.run("local", "reset", "--yes")
    assert "is not deployed" in project.run("status", "--env", "local")
