"""`tapgen config`: results on standard output, faults on standard error, exit codes as promised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tapgen.cli.main import run
from tapgen.config.environment import plain_data
from tapgen.config.json_schema import build_json_schema
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from tests.unit.config.conftest import Project


def _config(project: Project, *arguments: str) -> int:
    return run(["--project", str(project.folder), "config", *arguments])


@pytest.mark.parametrize("file_format", ["yaml", "json"])
def test_show_prints_the_resolved_environment(
    project: Project, capsys: pytest.CaptureFixture[str], file_format: str
) -> None:
    """Defaults are merged in, both formats hold the same, and account ids stay text."""
    assert _config(project, "show", "--env", "prod", "--format", file_format) == 0

    printed = capsys.readouterr().out
    document = json.loads(printed) if file_format == "json" else yaml.safe_load(printed)
    names = document.pop("names")
    plain = plain_data(project.change().resolve("prod"))
    assert document == json.loads(json.dumps(plain | plain.pop("parts")))
    assert document["account_id"] == "123456789012"
    assert names["functions"] == {"api": "ledger-prod-eu-west-1-api", "archiver": "ledger-prod-eu-west-1-archiver"}
    assert names["hooks"]["after"] == "CodeDeployHook_ledger-prod-eu-west-1-after"
    assert names["log_groups"]["before_hook"] == "/aws/lambda/CodeDeployHook_ledger-prod-eu-west-1-before"


def test_show_prints_the_names_of_a_suffix(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """What a second deployment would be called is known before it exists."""
    assert _config(project, "show", "--env", "dev", "--suffix", "pr-42", "--region", "us-east-1") == 0

    document = yaml.safe_load(capsys.readouterr().out)
    assert document["names"]["deployment"] == "ledger-dev-pr-42"
    assert document["names"]["root_stack"] == "ledger-dev-pr-42-us-east-1-service"
    assert (document["region"], document["configured_region"]) == ("us-east-1", "eu-west-1")


def test_show_tells_faults_on_standard_error(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed as a result, and the exit code is that of usage errors."""
    project.change(("encryption: aws-owned", "encryption: mine"))

    assert _config(project, "show", "--env", "dev") == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "defaults.encryption: 'mine': must be 'aws-owned' or 'customer-managed'" in captured.err


def test_validate_checks_every_environment(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """All are named when all are right; all faults are told when some are not."""
    assert _config(project, "validate") == 0
    assert "2 environments are valid: dev, prod" in capsys.readouterr().out

    project.change(("production: true", "production: 1"), ('"111122223333"', '"1"'))

    assert _config(project, "validate") == 2
    told = capsys.readouterr().err
    assert "environments.yaml has 2 faults" in told
    assert "environments.dev.account_id" in told
    assert "environments.prod.production" in told


def test_schema_prints_the_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """It needs no project."""
    assert run(["config", "schema"]) == 0

    assert json.loads(capsys.readouterr().out) == build_json_schema(load_service(Path(__file__).parents[3] / "config"))
