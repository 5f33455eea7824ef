"""Copies of the project that a rehearsal may change: the tree as it is, or as a commit has it.

Holds the parts that a release is made of and no more: configuration, handlers, a ready-made layer. The cache of built
layers is shared with the project, where each is kept under its own digest.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.build import CONFIG_FILE
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS = (CONFIG_FILE.parent.as_posix(), "handlers")
"""Folders of a project that a release is made of."""

_LAYERS = Path(".tapgen") / "cache" / "layers"


class Sources:
    """Makes copies below a folder.

    Args:
        project: The project; read only.
        folder: Where the copies are made.
        files: More files of the project that a release needs, such as a ready-made layer.
    """

    def __init__(self, project: Path, folder: Path, *, files: Iterable[str] = ()) -> None:
        self._project = project
        self.folder = folder
        self._files = tuple(name for name in files if Path(name).parts[0] not in PARTS)

    def copy(self, name: str) -> Path:
        """The project as it is, in a new folder of that name."""
        target = self._make(name)
        for part in PARTS:
            # Links as they are, an editor's to nowhere too: what becomes of them is for packaging to say.
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(self._project / part, target / part, ignore=ignored, symlinks=True)
        return target

    def export(self, name: str, revision: str) -> Path:
        """The project as a commit has it, in a new folder of that name.

        Raises:
            UsageError: The commit has no such project.
        """
        target = self._make(name)
        # From the project's folder, which may lie deep inside its repository: paths are relative to it.
        command = ["git", "-C", str(self._project), "archive", "--format=tar", revision, "--", *PARTS]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise UsageError(
                f"{revision} cannot be the baseline",
                why=done.stderr.decode(errors="replace").strip(),
                hint=f"name a revision that has {' and '.join(PARTS)}",
                code="no-baseline",
            )
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(target, filter="data")
        return target

    def _make(self, name: str) -> Path:
        target = self.folder / name
        layers = self._project / _LAYERS
        layers.mkdir(parents=True, exist_ok=True)
        (target / _LAYERS).parent.mkdir(parents=True)
        (target / _LAYERS).symlink_to(layers, target_is_directory=True)
        for file in self._files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._project / file, target / file)
        return target
