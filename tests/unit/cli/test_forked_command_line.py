"""What most tests of commands run in: it must be to a command what a process started by a person is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.command_line import run_command, user_environment

if TYPE_CHECKING:
    from pathlib import Path


def _started(*arguments: str, folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tapgen", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("config", "schema"),
        ("nonsense",),
        ("render", "--env", "prod"),
        ("outputs", "--env", "local", "--json"),
        ("--project", "/nowhere", "status"),
    ],
)
@pytest.mark.parametrize("variables", [{"CI": "true"}, {"COLUMNS": "60", "LC_ALL": "C"}])
def test_it_is_what_a_process_of_its_own_is(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    """The same exit code and the same bytes on both streams, whatever the environment."""
    environ = user_environment(**variables)

    forked = run_command(*arguments, folder=tmp_path, environ=environ)
    started = _started(*arguments, folder=tmp_path, environ=environ)

    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_each_has_a_folder_and_an_environment_of_its_own(tmp_path: Path) -> None:
    """Of commands that run at the same time, each sees its own project, and nothing of it stays for the next."""
    folders = [tmp_path / name for name in ("one", "two", "three", "four")]
    for folder in folders:
        (folder / "config").mkdir(parents=True)
        (folder / "config" / "environments.yaml").write_text(f"service: {folder.name}\n", encoding="utf-8")

    def show(folder: Path) -> str:
        return run_command("config", "show", "--env", folder.name, folder=folder, environ=user_environment()).stderr

    with ThreadPoolExecutor(4) as pool:
        messages = list(pool.map(show, folders * 3))

    assert messages[:4] == messages[4:8] == messages[8:]
    assert all(folder.name in message for folder, message in zip(folders, messages, strict=False))
    assert run_command("config", "show", "--env", "one", folder=tmp_path, environ={}).returncode != 0


def test_the_tests_process_is_not_touched(tmp_path: Path) -> None:
    """Neither its folder nor its environment change, and no command is a child that it must wait for."""
    before = (os.getcwd(), json.dumps(dict(os.environ)))  # noqa: PTH109 - as the operating system says it

    run_command("--version", folder=tmp_path, environ={"CI": "true"})

    assert (os.getcwd(), json.dumps(dict(os.environ))) == before  # noqa: PTH109 - the same
