"""``tapgen plan`` and ``tapgen deploy --plan`` as two people meet them, guards included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

GUARD = "transactions-local-us-east-1-guard-api-5xx"
PLAN = ("plan", "--env", "local", "-o", "plan.json")
EXECUTE = ("deploy", "--env", "local", "--plan", "plan.json", "--yes")


@pytest.fixture(name="project", scope="module")
def _project(deployed: Project) -> Project:
    return deployed


def test_a_plan_is_made_and_read(project: Project) -> None:
    """It says who made it, what it would do and what it is bound to; reading it needs no AWS."""
    project.edit_api("planned")
    result = project.run_json(*PLAN, "--expires-in", "8h")

    page = project.run("plan", "show", "plan.json")
    document = json.loads(project.run("plan", "show", "plan.json", "--json"))

    assert (result["status"], result["operation"]) == ("prepared", "plan")
    assert "arn:aws:iam::000000000000:root" in page
    assert "Modify Compute.ApiFunction AWS::Lambda::Function" in page
    assert f"guard {GUARD}: OK" in page
    assert document["release_id"] == result["release_id"]
    assert set(document["bound"]["change set"]) >= {"root", "Compute", "Data", "Observability", "Security"}
    assert len(document["bound"]["artifact"]) == 4


def test_a_guard_that_turned_red_refuses_the_plan(project: Project) -> None:
    """Exit 3 with both states; when it is calm again the same plan is executed, and the record has both people."""
    project.turn_alarm(GUARD, "ALARM")
    refused = project.run_json(*EXECUTE, expect=3)["error"]
    project.turn_alarm(GUARD, "OK")

    assert refused["code"] == "plan-guard"
    assert f"guard {GUARD}: was not ALARM, is ALARM" in refused["why"]
    done = project.run_json(*EXECUTE)
    assert done["status"] == "done"
    assert [shift["outcome"] for shift in done["shifts"]] == ["passed"]
    shown = json.loads(project.run("releases", "show", "3", "--env", "local", "--json"))
    assert shown["record"]["intent"]["planned"]["sequence"] == 2
    assert shown["record"]["execution"]["who"] == "arn:aws:iam::000000000000:root"
    assert "planned by  arn:aws:iam::000000000000:root" in project.run("releases", "show", "3", "--env", "local")
    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "unchanged"


def test_a_plan_says_what_cannot_be_said_again(project: Project) -> None:
    """What it has settled is no option of its execution, another deployment's plan is refused, a bad file is told."""
    assert project.run_json(*EXECUTE, expect=3)["error"]["code"] == "plan-executed"
    assert project.run_json(*EXECUTE, "--suffix", "other", expect=3)["error"]["code"] == "plan-mismatch"
    settled = project.start(*EXECUTE, "--allow-broadening")
    assert (settled.returncode, "--plan and --allow-broadening" in settled.stderr) == (2, True)
    missing = project.start("plan", "show", "nowhere.json")
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)
    assert project.start(*PLAN, "--expires-in", "soon").returncode == 2
    assert project.run_json(*PLAN)["status"] == "unchanged"
