"""What ``tapgen init`` writes, and what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.build import CONFIG_FILE, Builder
from tapgen.cli.main import run
from tapgen.errors import ConfigError, UsageError
from tapgen.starters.catalogue import STARTERS, Starter, find_starter, read_files
from tapgen.starters.writing import project_name, write_project

pytestmark = pytest.mark.usefixtures("unmeasured_children")

EVERY = pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)


@EVERY
def test_project_is_valid_and_has_the_code_of_its_functions(starter: Starter, tmp_path: Path) -> None:
    """Each starter gives a configuration without faults, and each function of its service has its code."""
    folder = tmp_path / "shop"

    written = write_project(folder, starter)

    environments = Builder(folder).environments.resolve_all()
    service = environments[0].service
    assert service.name == ("shop" if starter.named else starter.name)
    assert {folder / "handlers" / part.folder / "app.py" for part in service.functions} <= set(written)
    assert "local" in [environment.name for environment in environments]


@EVERY
def test_nothing_is_left_to_fill_in(starter: Starter, tmp_path: Path) -> None:
    """No placeholder of a starter reaches the project, and each file that a project needs is there."""
    written = write_project(tmp_path / "shop", starter)

    assert not [path for path in written if re.search(r"\{\{(name|version)\}\}", path.read_text(encoding="utf-8"))]
    names = {str(path.relative_to(tmp_path / "shop")) for path in written}
    assert {".gitignore", ".github/workflows/ci.yml", "README.md", "config/service.py", "pytest.ini"} <= names
    assert not [name for name in names if "__pycache__" in name]


@EVERY
def test_own_tests_of_a_project_pass(starter: Starter, tmp_path: Path) -> None:
    """The tests that come with a project pass as they are."""
    write_project(tmp_path / "shop", starter)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=tmp_path / "shop",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nothing is overwritten, and the error says what is in the way."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(UsageError, match=r"is not empty: it holds notes\.txt") as caught:
        write_project(tmp_path, find_starter("api"))

    assert caught.value.code == "folder-taken"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A file is no folder to begin in."""
    (tmp_path / "orders").write_text("", encoding="utf-8")

    with pytest.raises(UsageError, match="is a file"):
        write_project(tmp_path / "orders", find_starter("api"))


def test_fresh_repository_is_an_empty_folder(tmp_path: Path) -> None:
    """A folder with nothing but ``.git`` is one to begin in."""
    (tmp_path / "orders" / ".git").mkdir(parents=True)

    assert write_project(tmp_path / "orders", find_starter("api"))


@pytest.mark.parametrize(("folder", "name"), [("My Orders", "my-orders"), ("orders_v2", "orders-v2"), ("a", "a")])
def test_service_is_called_like_its_folder(folder: str, name: str) -> None:
    """Whatever the folder is called, the name is one that AWS takes."""
    assert project_name(Path(folder)) == name


@pytest.mark.parametrize("folder", ["123", "---", "a-name-that-is-longer-than-names-may-be"])
def test_folder_without_a_usable_name_is_refused(folder: str) -> None:
    """A name that AWS's limits have no room for is refused, with another way."""
    with pytest.raises(UsageError) as caught:
        project_name(Path(folder))

    assert "tapgen init orders" in caught.value.hint


def test_unknown_starter_is_refused() -> None:
    """The error lists the starters that there are."""
    with pytest.raises(UsageError, match="api, worker, transactions"):
        find_starter("blog")


def test_reference_is_this_repository(tmp_path: Path) -> None:
    """The reference service is the one that this repository ships, file by file."""
    repository = Path(__file__).parents[3]
    files = read_files(find_starter("transactions"))

    assert {path: text for path, text in files.items() if path.parts[0] == "handlers"} == {
        path: (repository / path).read_text(encoding="utf-8") for path in files if path.parts[0] == "handlers"
    }


def test_missing_configuration_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no project, the error names the command that begins one."""
    monkeypatch.chdir(tmp_path)

    assert run(["config", "validate"]) == 2
    assert "tapgen init" in capsys.readouterr().err


def test_missing_service_says_how_to_get_one(tmp_path: Path) -> None:
    """An ``environments.yaml`` alone is no project either."""
    (tmp_path / CONFIG_FILE).parent.mkdir()
    (tmp_path / CONFIG_FILE).write_text("environments: {local: {}}\n", encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        Builder(tmp_path).environments.resolve_all()

    assert "tapgen init" in caught.value.hint


def test_command_tells_what_it_wrote_and_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The files stand on standard output, and the next command; JSON has the same for scripts."""
    monkeypatch.chdir(tmp_path)

    assert run(["init", "orders"]) == 0
    shown = capsys.readouterr().out
    assert "config/service.py" in shown
    assert shown.endswith("cd orders\n  tapgen deploy --env local\n")

    assert run(["init", "jobs", "--from", "worker", "--json"]) == 0
    assert '"starter": "worker"' in capsys.readouterr().out


def test_editor_finds_the_schema_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line of environments.yaml names a schema that is there, knows the service's parts, and keeps up."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "orders"]) == 0
    file = tmp_path / "orders" / "config" / "environments.yaml"
    named = re.search(r"\$schema=(\S+)", file.read_text(encoding="utf-8"))
    assert named
    schema = file.parent / named[1]

    def tables() -> set[str]:
        found = json.loads(schema.read_text(encoding="utf-8"))
        section = found["$defs"]["EnvironmentSection"]["properties"]["tables"]["$ref"].rpartition("/")[2]
        return set(found["$defs"][section]["properties"])

    assert tables() == {"orders"}

    service = tmp_path / "orders" / "config" / "service.py"
    with service.open("a", encoding="utf-8") as text:
        text.write('service.table("customers", partition_key="customerId")\n')
    assert run(["--project", str(tmp_path / "orders"), "render", "--env", "local"]) == 0
    assert tables() == {"orders", "customers"}


def test_file_that_names_no_schema_gets_none(tmp_path: Path) -> None:
    """A project that has its schema elsewhere is left alone."""
    write_project(tmp_path / "orders", find_starter("api"))
    file = tmp_path / "orders" / CONFIG_FILE
    file.write_text("project: orders\nenvironments: {local: {}}\n", encoding="utf-8")

    Builder(tmp_path / "orders").environments.refresh_editor_schema()

    assert not (tmp_path / "orders" / ".tapgen" / "environments.schema.json").exists()
