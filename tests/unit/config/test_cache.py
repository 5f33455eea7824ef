"""The cache of checked environments: never another answer than loading, only sooner."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tapgen.config.cache import CachedEnvironments
from tapgen.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from tests.unit.config.conftest import Project


def _open(project: Project) -> CachedEnvironments:
    return CachedEnvironments(project.file, folder=project.folder / "cache")


def test_the_answer_is_the_loaders_first_and_later(project: Project) -> None:
    """From the file or from the cache, with suffix and region or without."""
    loaded = project.change()

    for _ in range(2):
        assert _open(project).names == loaded.names
        assert _open(project).resolve("dev") == loaded.resolve("dev")
        assert _open(project).resolve("dev", suffix="a", region="us-east-1") == loaded.resolve(
            "dev", suffix="a", region="us-east-1"
        )
    assert _open(project).resolve_all() == loaded.resolve_all()


def test_a_changed_file_is_loaded_again(project: Project) -> None:
    """The cache is found by the file's bytes."""
    assert _open(project).resolve("dev").encryption == "aws-owned"

    project.change(("encryption: aws-owned", "encryption: customer-managed"))

    assert _open(project).resolve("dev").encryption == "customer-managed"
    assert len(list((project.folder / "cache").rglob("*.json"))) == 1, "answers for the old file are dropped"


def test_faults_are_told_every_time(project: Project) -> None:
    """Only what is right is kept."""
    project.change(("encryption: aws-owned", "encryption: mine"))

    for _ in range(2):
        with pytest.raises(ConfigError, match="has 1 fault"):
            _open(project).resolve("dev")


def test_the_faults_of_all_environments_are_told_at_once(project: Project) -> None:
    """Also when some are cached, and when there is no environment at all."""
    project.change(('"111122223333"', '"1"'), ("production: true", "production: 1"))
    with pytest.raises(ConfigError, match="has 2 faults"):
        _open(project).resolve_all()

    project.write("environments: {}\n")
    with pytest.raises(ConfigError, match="has 1 fault"):
        _open(project).resolve_all()


def test_an_unknown_environment_is_told(project: Project) -> None:
    """As by the loader."""
    with pytest.raises(UsageError, match="there is no environment 'x'"):
        _open(project).resolve("x")


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '{"name": "dev"}', '"text"', "7"])
def test_a_damaged_cache_is_passed_over(project: Project, content: str) -> None:
    """Whatever stands in its files, the answer is the file's."""
    expected = _open(project).resolve("dev")
    assert _open(project).names == ("dev", "prod")
    kept = list((project.folder / "cache").rglob("*.json"))
    for file in kept:
        file.write_text(content, encoding="utf-8")

    assert len(kept) == 2

    assert _open(project).resolve("dev") == expected
    assert _open(project).names == ("dev", "prod")


def test_a_cache_that_cannot_be_written_is_no_error(project: Project) -> None:
    """A read-only project can still be rendered."""
    (project.folder / "cache").write_text("a file where the folder would be", encoding="utf-8")

    assert _open(project).resolve("dev").name == "dev"


def test_a_file_that_is_gone_is_a_configuration_error(project: Project) -> None:
    """Not a crash, and no answer from the cache."""
    _open(project).resolve("dev")
    project.file.unlink()

    with pytest.raises(ConfigError, match="cannot be read"):
        _open(project).resolve("dev")


def test_what_is_cached_needs_neither_yaml_nor_validation_library(project: Project) -> None:
    """The reason for the cache: a second process imports neither."""
    _open(project).resolve("dev")
    script = """
import sys
from pathlib import Path
from tapgen.config.cache import CachedEnvironments
CachedEnvironments(Path(sys.argv[1]), folder=Path(sys.argv[2])).resolve("dev")
print(sorted({"yaml", "pydantic"} & set(sys.modules)))
"""
    arguments = [sys.executable, "-c", script, str(project.file), str(project.folder / "cache")]

    done = subprocess.run(arguments, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_an_open_editor_is_no_fault(project: Project) -> None:
    """Emacs's lock of the service's definition is a link to nowhere that looks like a module."""
    project.change()
    (project.file.parent / ".#service.py").symlink_to("ada@laptop.4711:1795521600")

    assert _open(project).resolve("dev").name == "dev"
