"""A project that renders without pip: its layer is a ready-made zip."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tapgen.build import Builder, BuildRequest

_ROOT = Path(__file__).parents[3]

DEV = BuildRequest(environment="dev")


@dataclass(frozen=True)
class Project:
    """A copy of the project's configuration and handlers."""

    folder: Path

    @property
    def builder(self) -> Builder:
        """As a new process would make it."""
        return Builder(self.folder)

    @property
    def config(self) -> Path:
        return self.folder / "config" / "environments.yaml"

    def change_config(self, old: str, new: str) -> None:
        """Replace a piece of text that stands there once."""
        text = self.config.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.config.write_text(text.replace(old, new), encoding="utf-8")


def make_project(folder: Path) -> Project:
    """Copy the project to a folder."""
    shutil.copytree(_ROOT / "config", folder / "config")
    shutil.copytree(_ROOT / "handlers", folder / "handlers", ignore=shutil.ignore_patterns("__pycache__"))
    with zipfile.ZipFile(folder / "layer.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/dependency.py"), "value = 1\n")
    project = Project(folder)
    project.change_config("    path: null", "    path: layer.zip")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of its own for each test."""
    return make_project(tmp_path / "project")
