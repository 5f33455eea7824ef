"""A project folder, and wheels of our own for a real pip that needs no network."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.config.load import load_environments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Wheels:
    """A folder of wheels that pip is pointed at."""

    folder: Path

    def add(self, name: str, files: Mapping[str, str], *, tag: str = "py3-none-any") -> str:
        """Make version 1.0 of a package; answers its hashed requirement."""
        path = self.folder / f"{name}-1.0-{tag}.whl"
        info = f"{name}-1.0.dist-info"
        contents = {
            **files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        record = "".join(f"{inside},,\n" for inside in [*contents, f"{info}/RECORD"])
        with zipfile.ZipFile(path, "w") as archive:
            for inside, text in {**contents, f"{info}/RECORD": record}.items():
                archive.writestr(inside, text)
        return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheels:
    """These wheels are all that pip finds."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return Wheels(folder)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's configuration and handlers."""
    folder = tmp_path / "project"
    shutil.copytree(_ROOT / "config", folder / "config")
    shutil.copytree(_ROOT / "handlers", folder / "handlers", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def environment(project: Path) -> Environment:
    """The project's environment `dev`."""
    return load_environments(project / "config" / "environments.yaml").resolve("dev")
