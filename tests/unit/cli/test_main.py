"""The command line's edge: help, exit codes, and errors in words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.cli.main import GROUPS, cli, run
from tapgen.errors import UsageError
from tapgen.toolkit.project import find_project

REPOSITORY = Path(__file__).parents[3]


def test_help_names_every_command_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    """The overview lists all commands, and each of them can be loaded and has help of its own."""
    assert run(["--help"]) == 0
    overview = capsys.readouterr().out

    for name in cli.list_commands(None):  # type: ignore[arg-type]  # the lazy group does not look at the context
        assert name in overview
        assert run([name, "--help"]) == 0
        assert "Usage: tapgen" in capsys.readouterr().out


def test_the_overview_groups_commands_by_what_one_wants_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command has one place, none is left over, and no text is folded on 80 columns."""
    placed = [name for names in GROUPS.values() for name in names]
    assert sorted(placed) == sorted(cli.list_commands(None))  # type: ignore[arg-type]  # it does not look at the context
    assert run(["--help"]) == 0
    overview = capsys.readouterr().out
    headings = [line for line in overview.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options:", "Start:", "Ship:", "Look:", "Protect:", "Operate:"]
    commands = overview.partition("\nStart:\n")[2].splitlines()
    assert sum(line.startswith("  ") for line in commands) == len(placed)


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """--version answers with the package's version."""
    assert run(["--version"]) == 0
    assert "tapgen, version 0." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["deploy"], ["render", "--env"], ["render", "--env", "local", "--all"], ["render"]],
)
def test_wrong_command_lines_exit_2(arguments: list[str]) -> None:
    """Unknown commands, missing options and contradictions are usage errors."""
    assert run(arguments) == 2


def test_unknown_environment_is_named_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped environment exits 2, shows what was typed, what there is, and the closest one."""
    assert run(["--project", str(REPOSITORY), "config", "show", "--env", "prd"]) == 2

    printed = capsys.readouterr().err
    assert "'prd'" in printed
    assert "local, dev, staging, prod" in printed
    assert "did you mean 'prod'?" in printed


def test_debug_shows_the_traceback_and_nothing_else_does(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback is for --debug alone, wherever the flag stands."""
    arguments = ["--project", str(REPOSITORY), "config", "show", "--env", "prd"]

    run(arguments)
    assert "Traceback" not in capsys.readouterr().err
    for debugging in (["--debug", *arguments], [*arguments, "--debug"]):
        run(debugging)
        assert "Traceback" in capsys.readouterr().err


def test_project_is_found_from_below(tmp_path: Path) -> None:
    """The folder with config/environments.yaml is found from any folder inside the project."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "environments.yaml").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    assert find_project(None, start=below) == tmp_path


def test_missing_project_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """Without a project the error names the place and the option."""
    with pytest.raises(UsageError, match=str(tmp_path)) as caught:
        find_project(tmp_path, start=tmp_path)

    assert "--project" in caught.value.hint


def test_rendering_imports_neither_an_sdk_nor_the_emulator(tmp_path: Path) -> None:
    """`tapgen render` needs no credentials and no network: boto3, botocore and MiniStack are never imported."""
    for name in ("config", "handlers", ".tapgen/cache/layers"):
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, tmp_path / name)
    code = (
        "import json, sys; from tapgen.cli.main import run; code = run(['render', '--all']); "
        "print(json.dumps([code, sorted(name for name in sys.modules if '.' not in name)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    exit_code, modules = json.loads(done.stdout.splitlines()[-1])
    assert exit_code == 0
    assert {"troposphere", "tapgen"} <= set(modules)
    assert not {"boto3", "botocore", "ministack", "rich"} & set(modules)
