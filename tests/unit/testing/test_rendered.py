"""A project as its tests see it: environments, resources by type and part, and pytest's fixtures."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import UsageError
from tapgen.testing import RenderedEnvironment, load_project

if TYPE_CHECKING:
    from pathlib import Path


def test_resources_are_found_by_part(prod: RenderedEnvironment) -> None:
    """What was made for a part is found by its name, and for all parts of a kind by the kind."""
    types = {resource.type for resource in prod.resources(kind="function", part="worker")}

    assert {
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
    } <= types
    queues = prod.resources("AWS::SQS::Queue", kind="queue")
    assert [queue.logical_id for queue in queues] == ["WorkDeadLetterQueue", "WorkQueue"]


def test_api_and_a_function_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    """A function that is called ``api`` has its own resources, and API Gateway's are the API's."""
    from tapgen.starters.catalogue import find_starter
    from tapgen.starters.writing import write_project

    write_project(tmp_path / "orders", find_starter("api"))
    rendered = load_project(tmp_path / "orders").render("local")

    assert {resource.type for resource in rendered.resources("AWS::ApiGatewayV2::", kind="http api")} == {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Stage",
    }
    assert rendered.resource("AWS::Lambda::Function", kind="function", part="api").logical_id == "ApiFunction"


def test_types_are_found_by_their_beginning(prod: RenderedEnvironment) -> None:
    """A type that ends with two colons stands for all of its service."""
    assert {resource.type for resource in prod.resources("AWS::DynamoDB::")} == {"AWS::DynamoDB::Table"}
    assert not prod.resources("AWS::Dynamo")


def test_one_resource_is_one(prod: RenderedEnvironment) -> None:
    """``resource`` refuses none and several, and says what there is."""
    assert prod.resource("AWS::DynamoDB::Table").properties["TableName"] == "jobs-prod-eu-west-1-jobs"
    with pytest.raises(LookupError, match=r"2 fit: data\.WorkDeadLetterQueue, data\.WorkQueue"):
        prod.resource("AWS::SQS::Queue")
    with pytest.raises(LookupError, match="none fits; the types are AWS::ApiGatewayV2::Api"):
        prod.resource("AWS::S3::Bucket")
    with pytest.raises(LookupError, match="no kind 'tables'; the kinds are table"):
        prod.resources(kind="tables")
    with pytest.raises(LookupError, match="no table 'job'; there are table jobs"):
        prod.resources(kind="table", part="job")


def test_change_leaves_the_original(prod: RenderedEnvironment) -> None:
    """A changed copy is another one: the next test sees what was rendered."""
    table = prod.resource("AWS::DynamoDB::Table")

    changed = prod.changed(table, properties={"TableName": "x"}, DeletionPolicy=None)

    assert changed.resource("AWS::DynamoDB::Table").properties["TableName"] == "x"
    assert "DeletionPolicy" not in changed.resource("AWS::DynamoDB::Table").definition
    assert prod.resource("AWS::DynamoDB::Table") == table


def test_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    """The error says where to look, and how to begin."""
    with pytest.raises(UsageError) as caught:
        load_project(tmp_path)

    assert "tapgen init" in caught.value.hint


def test_rendering_writes_nothing_and_needs_no_layer(folder: Path) -> None:
    """A project with requirements renders without building a layer, and leaves no file behind."""
    requirements = folder / "handlers" / "requirements.txt"
    requirements.write_text("nothing==1.0 --hash=sha256:0\n", encoding="utf-8")
    try:
        rendered = load_project(folder).render("local")
    finally:
        requirements.unlink()

    assert rendered.resource("AWS::Lambda::LayerVersion").stack == "compute"
    assert not (folder / "build").exists()
    assert not (folder / ".tapgen").exists()


def run_pytest(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    (folder / "tests" / "test_fixtures.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_fixtures.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_fixtures_come_with_the_installation(folder: Path) -> None:
    """Pytest finds the fixtures without an import: the project, and each environment in turn."""
    done = run_pytest(
        folder,
        "def test_project(tapgen_project): assert tapgen_project.render('local').environment.name == 'local'\n"
        "def test_each(tapgen_environment): assert tapgen_environment.resources('AWS::Lambda::Function')\n",
    )

    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_faults_of_the_service_are_told(tmp_path: Path) -> None:
    """A project that cannot be read ends in its faults, not in a traceback."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "config" / "environments.yaml").write_text("environments: {local: {}}\n", encoding="utf-8")
    (tmp_path / "config" / "service.py").write_text(
        "from tapgen.service import Service\nservice = Service('x')\nservice.table('A b', partition_key='id')\n",
        encoding="utf-8",
    )

    done = run_pytest(tmp_path, "def test_each(tapgen_environment): pass\n")

    assert done.returncode == 2
    assert "service.py:3: table 'A b'" in done.stdout
    assert "load_environments" not in done.stdout


def test_plugin_imports_nothing_of_tapgen() -> None:
    """A run of pytest that does not ask for a project does not pay for tapgen."""
    command = (
        "import sys, tapgen.pytest_plugin;"
        "print(sorted(name for name in sys.modules if name.startswith(('tapgen', 'troposphere', 'boto', 'pydantic'))))"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['tapgen', 'tapgen._version', 'tapgen.pytest_plugin']"
