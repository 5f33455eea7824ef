"""What the shell offers after Tab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.cli.suggestions import remember_releases

REPOSITORY = Path(__file__).parents[3]


def _complete(line: str, *, project: Path = REPOSITORY) -> list[str]:
    """What bash would be offered for the last word of the line."""
    words = line.split(" ")
    environ = {
        **os.environ,
        "_TAPGEN_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    ran = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'tapgen'; from tapgen.__main__ import main; main()"],
        env=environ,
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return [item.partition(",")[2] for item in ran.stdout.split()]


def test_commands_and_environments_are_offered() -> None:
    """Commands by their beginning, environments in the order of the file, wherever --env is taken."""
    assert _complete("tapgen roll") == ["rollback"]
    assert _complete("tapgen deploy --env ") == ["local", "dev", "staging", "prod"]
    assert _complete("tapgen iam show --env p") == ["prod"]
    assert "--suffix" in _complete("tapgen render --")


def test_releases_are_those_of_the_environment_on_the_line(tmp_path: Path) -> None:
    """Ids that this machine has seen, of the named environment and suffix alone."""
    (tmp_path / "config").mkdir()
    shutil.copy(REPOSITORY / "config" / "environments.yaml", tmp_path / "config")
    remember_releases(tmp_path, "prod", None, releases=[("b7f3", 12), ("a111", 11)])
    remember_releases(tmp_path, "prod", "pr-42", releases=[("c222", 1)])

    assert _complete("tapgen rollback --env prod --to ", project=tmp_path) == ["b7f3", "a111"]
    assert _complete("tapgen releases show --env prod --suffix pr-42 ", project=tmp_path) == ["c222"]
    assert _complete("tapgen rollback --env dev --to ", project=tmp_path) == []


def test_a_folder_without_a_project_offers_nothing(tmp_path: Path) -> None:
    """Tab never prints an error into the line that is being typed."""
    assert _complete("tapgen deploy --env ", project=tmp_path) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid(shell: str, tmp_path: Path) -> None:
    """The printed script parses in its shell."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    script = tmp_path / "script"
    command = [sys.executable, "-m", "tapgen", "completion", shell]
    with script.open("wb") as file:
        subprocess.run(command, stdout=file, cwd=REPOSITORY, check=True)

    assert b"_TAPGEN_COMPLETE" in script.read_bytes()
    assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0
