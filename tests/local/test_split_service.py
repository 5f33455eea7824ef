"""A service in two blocks of nested stacks on the embedded AWS: one release, whichever stacks its functions are in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.benchmarks.generated import name_functions, write_project
from tapgen.service import blocks
from tests.command_line import run_command, user_environment

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

_NAMES = name_functions(6)
_DEPLOY = ("deploy", "--env", "local", "--yes", "--json")


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Iterator[Path]:
    """Six functions, three of them and a table in the second block, with an embedded AWS of their own."""
    write_project(tmp_path, _NAMES)
    second = {f"function/{name}": 2 for name in _NAMES[3:]} | {"table/w005-rows": 2}
    blocks.write_lock(tmp_path / "config", second)
    _run(tmp_path, "local", "start")
    yield tmp_path
    _run(tmp_path, "local", "stop")


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = user_environment(TAPGEN_LOCAL_SAVE="stop")
    environ.pop("CI", None)
    return run_command(*arguments, folder=project, environ=environ)


def _edit(project: Path, *names: str, line: str) -> None:
    for name in names:
        handler = project / "handlers" / name / "app.py"
        handler.write_text(f"{handler.read_text()}{line}\n")


def _live(project: Path) -> dict[str, str]:
    """Function → the version that its stack has."""
    found = json.loads(_run(project, "outputs", "--env", "local", "--json").stdout)
    outputs = found.get("outputs", found)
    return {name: arn.rpartition(":")[2] for name, arn in outputs.items() if name.endswith("VersionArn")}


def _uploaded(done: subprocess.CompletedProcess[str]) -> set[str]:
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (text,) = [item["text"] for item in events if item["type"] == "step-finished" and item.get("step") == "upload"]
    return set(text.partition(": ")[2].split(", "))


def test_release_of_two_blocks_is_one(project: Path) -> None:
    """A broken version in the second block returns the first block's functions too; a good one moves all six."""
    assert _run(project, *_DEPLOY).returncode == 0
    assert set(_live(project).values()) == {"1"}
    _edit(project, *_NAMES, line="# changed")
    _edit(project, "w004", line='raise RuntimeError("broken")')

    assert _run(project, *_DEPLOY).returncode == 4
    assert set(_live(project).values()) == {"1"}

    handler = project / "handlers" / "w004" / "app.py"
    handler.write_text(handler.read_text().replace('raise RuntimeError("broken")', "# repaired"))
    assert _run(project, *_DEPLOY).returncode == 0
    assert len(_live(project)) == len(_NAMES)
    assert "1" not in _live(project).values()


def test_one_changed_function_touches_one_stack(project: Path) -> None:
    """One zip, the one nested stack of the function, and the root that names it."""
    assert _run(project, *_DEPLOY).returncode == 0
    _edit(project, "w004", line="# changed")

    assert _uploaded(_run(project, *_DEPLOY)) == {"w004", "compute2", "root"}
