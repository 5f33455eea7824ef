"""What another package brings by entry points, a kind of part and a rule: nothing in tapgen changes for it.

The package is installed as a folder with its ``dist-info`` on the path, in processes of its own: kinds register for
good.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.projects.conftest import LOCAL, PROJECTS, call, copy_test_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

RENDER = """
import json, sys
from tapgen.testing import assert_least_privilege, load_project
rendered = load_project(sys.argv[1]).render("prod")
assert_least_privilege(rendered)
json.dump(rendered.templates, sys.stdout)
"""


_ENTRY_POINTS = """
[tapgen.parts]
kinesis-stream = outside_streams:KIND
[tapgen.rules]
outside-arm-only = outside_streams.policy:ARM
"""


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project, beside its package installed without a network."""
    folder = tmp_path_factory.mktemp("outside")
    project = copy_test_project("outside_kind", folder)
    installed = folder / "outside_streams-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-streams\nVersion: 1.0\n", "utf-8")
    (installed / "entry_points.txt").write_text(_ENTRY_POINTS, "utf-8")
    return project


@pytest.fixture(name="deployed")
def _deployed(project: Project) -> Iterator[dict[str, Any]]:
    environ = {"PYTHONPATH": str(project.folder)}
    done = project.start("deploy", *LOCAL, "--yes", "--json", environ=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    yield json.loads(done.stdout.splitlines()[-1])
    project.start("local", "stop", environ=environ)


def test_the_kind_is_rendered_with_its_permissions(project: Project) -> None:
    """Its resource stands in the data stack, and its verb in the role, on the exact ARN."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project.folder), str(PROJECTS.parents[1])])}
    done = subprocess.run(
        [sys.executable, "-c", RENDER, str(project.folder)], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    templates = json.loads(done.stdout)
    assert templates["data"]["Resources"]["ClicksStream"]["Type"] == "AWS::Kinesis::Stream"
    security = json.dumps(templates["security"])
    assert "kinesis:PutRecord" in security
    assert "stream/streams-prod-eu-west-1-clicks" in security


def _validate(project: Project, *options: str) -> tuple[int, Any]:
    done = project.start("validate", *options, "--json", environ={"PYTHONPATH": str(project.folder)})
    return done.returncode, json.loads(done.stdout)


def test_the_rules_are_listed(project: Project) -> None:
    """That of the entry point under its package's name, that of the kind's folder under the kind's."""
    code, document = _validate(project, "--list")

    origins = {rule["id"]: rule["origin"] for rule in document["rules"]}
    assert code == 0
    assert (origins["outside-arm-only"], origins["stream-encryption"]) == ("outside-streams", "kinesis stream")


def test_the_rule_refuses_until_it_is_suppressed_with_a_reason(project: Project) -> None:
    """A service that breaks it is not rendered; where the configuration says why that is accepted, it is."""
    file = project.folder / "config" / "environments.yaml"
    before = file.read_text(encoding="utf-8")
    broken = before.replace("production: true}", "production: true, function: {architecture: x86_64}}")
    reason = "the vendor's layer has no build for arm64 yet"
    try:
        file.write_text(broken, encoding="utf-8")
        code, refused = _validate(project, "--env", "prod", "--offline")
        accepting = f"x86_64}}, validation: {{suppress: {{outside-arm-only: {reason}}}}}}}"
        file.write_text(broken.replace("x86_64}}", accepting), encoding="utf-8")
        code_suppressed, accepted = _validate(project, "--env", "prod", "--offline")
    finally:
        file.write_text(before, encoding="utf-8")

    told = [item for item in refused["findings"] if item["check"] == "outside-arm-only"]
    assert (code, {item["status"] for item in told}) == (2, {"failed"})
    assert "The organisation builds for arm64 alone." in told[0]["why"]
    told = [item for item in accepted["findings"] if item["check"] == "outside-arm-only"]
    assert (code_suppressed, {item["status"] for item in told}) == (0, {"skipped"})
    assert told[0]["why"] == f"suppressed: {reason}"


def test_the_kind_is_deployed_and_used(project: Project, deployed: dict[str, Any]) -> None:
    """With the permissions that it brings, enforced: the function puts a record into the stream."""
    assert call("POST", f"{deployed['outputs']['LocalApiUrl']}/clicks")[0] == 200
    found = project.client("kinesis").describe_stream_summary(StreamName="streams-local-us-east-1-clicks")
    assert found["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE"
