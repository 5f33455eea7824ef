"""A project's artifacts for one environment and the next."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import PackagingError
from tapgen.packaging import MAX_UNPACKED_BYTES, Packager
from tapgen.packaging.pip import Pip

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.config.environment import Environment
    from tests.unit.packaging.conftest import Wheels


def _layer(environment: Environment, *, requirements: str | None = None, path: str | None = None) -> Environment:
    return replace(environment, layer=replace(environment.layer, requirements=requirements, path=path))


def _make_zip(path: Path, *, entries: int, entry_bytes: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(entries):
            archive.writestr(f"python/{number}.bin", bytes(entry_bytes))


def test_an_environment_has_its_functions_and_its_layer(
    project: Path, environment: Environment, wheels: Wheels, tmp_path: Path
) -> None:
    """Named by role, in the target folder, the layer from the requirements."""
    (project / "requirements.txt").write_text(wheels.add("pure", {"pure.py": ""}), encoding="utf-8")

    artifacts = Packager(project).package(_layer(environment, requirements="requirements.txt"), target=tmp_path / "out")

    assert [artifact.name for artifact in artifacts] == ["api", "archiver", "hooks", "layer"]
    assert sorted(artifact.path for artifact in artifacts) == sorted((tmp_path / "out").iterdir())


def test_a_ready_made_layer_wins_over_requirements(project: Path, environment: Environment, tmp_path: Path) -> None:
    """Neither the requirements nor pip are looked at."""
    _make_zip(project / "made.zip", entries=1, entry_bytes=10)

    artifacts = Packager(project, pip=Pip(python="/none")).package(
        _layer(environment, requirements="absent.txt", path="made.zip"), target=tmp_path / "out"
    )

    assert artifacts[-1].path.read_bytes() == (project / "made.zip").read_bytes()


def test_an_environment_without_a_layer_has_its_functions_alone(
    project: Path, environment: Environment, tmp_path: Path
) -> None:
    """Null requirements and no path."""
    artifacts = Packager(project).package(_layer(environment), target=tmp_path / "out")

    assert [artifact.name for artifact in artifacts] == ["api", "archiver", "hooks"]


def test_the_next_environment_has_the_same_artifacts_in_its_own_folder(
    project: Path, environment: Environment, tmp_path: Path
) -> None:
    """Code does not depend on the environment; sources are not even read again."""
    _make_zip(project / "made.zip", entries=1, entry_bytes=10)
    packager = Packager(project)
    ready = _layer(environment, path="made.zip")
    first = packager.package(ready, target=tmp_path / "a")
    (project / "handlers" / "api" / "app.py").unlink()

    second = packager.package(ready, target=tmp_path / "b")

    assert [artifact.digest for artifact in second] == [artifact.digest for artifact in first]
    assert [artifact.path.read_bytes() for artifact in second] == [artifact.path.read_bytes() for artifact in first]
    assert {artifact.path.parent for artifact in second} == {tmp_path / "b"}


def test_code_and_layer_have_to_fit_into_lambda(project: Path, environment: Environment, tmp_path: Path) -> None:
    """250 MB unpacked, both together; nothing is placed when they do not fit."""
    _make_zip(project / "large.zip", entries=5, entry_bytes=MAX_UNPACKED_BYTES // 5)

    with pytest.raises(PackagingError) as caught:
        Packager(project).package(_layer(environment, path="large.zip"), target=tmp_path / "out")

    assert caught.value.code == "package-too-large"
    assert "Lambda allows 262,144,000" in caught.value.what
    assert not (tmp_path / "out").exists()
