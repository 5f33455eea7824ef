"""Copies of the project that a rehearsal may change: the tree as it is, or as a commit has it.

Holds the parts that a release is made of and no more: configuration, handlers, a ready-made layer. The cache of built
layers is shared with the project, where each is kept under its own digest.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.build import CONFIG_FILE
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HANDLERS = "handlers"
_PARTS = (CONFIG_FILE.parent.as_posix(), _HANDLERS)
_LAYERS = Path(".tapgen") / "cache" / "layers"


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the candidate replaces."""

    text: str
    """For people: which commit, and why that one."""
    revision: str | None
    """The commit's full id; None when it is the tree as it is."""
    named: bool = False
    """Somebody asked for exactly this one."""


def choose_baseline(project: Path, revision: str | None) -> Baseline:
    """The commit that stands for what is live.

    Args:
        project: The project's folder.
        revision: What the user named, or None: the last commit when the tree differs from it, otherwise the one before
            the last change of configuration or handlers, otherwise the tree itself.

    Raises:
        UsageError: The revision is not known.
    """
    if revision is not None:
        return _named(project, revision)
    if _git(project, "rev-parse", "--verify", "HEAD^{commit}") is None:
        return Baseline(text="the project as it is: there is no commit to compare with", revision=None)
    if _git(project, "status", "--porcelain", "--", *_PARTS):
        head = _described(project, "HEAD")
        return Baseline(text=f"{head}, which the working tree differs from", revision=_id_of(project, "HEAD"))
    changes = (_git(project, "log", "-2", "--format=%H", "--", *_PARTS) or "").split()
    if len(changes) < 2:
        return Baseline(text="the project as it is: no earlier commit has another one", revision=None)
    before = _described(project, changes[1])
    return Baseline(text=f"{before}, the last change of configuration or handlers but one", revision=changes[1])


class Sources:
    """Makes copies below a folder.

    Args:
        project: The project; read only.
        folder: Where the copies are made.
        files: More files of the project that a release needs, such as a ready-made layer.
    """

    def __init__(self, project: Path, folder: Path, *, files: Iterable[str] = ()) -> None:
        self._project = project
        self._folder = folder
        self._files = tuple(name for name in files if Path(name).parts[0] not in _PARTS)

    def copy(self, name: str) -> Path:
        """The project as it is, in a new folder of that name."""
        target = self._make(name)
        for part in _PARTS:
            shutil.copytree(self._project / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        return target

    def export(self, name: str, revision: str) -> Path:
        """The project as a commit has it, in a new folder of that name.

        Raises:
            UsageError: The commit has no such project.
        """
        target = self._make(name)
        # From the project's folder, which may lie deep inside its repository: paths are relative to it.
        command = ["git", "-C", str(self._project), "archive", "--format=tar", revision, "--", *_PARTS]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise UsageError(
                f"{revision} cannot be the baseline",
                why=done.stderr.decode(errors="replace").strip(),
                hint=f"name a revision that has {' and '.join(_PARTS)} with --from",
                code="no-baseline",
            )
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(target, filter="data")
        return target

    def _make(self, name: str) -> Path:
        target = self._folder / name
        layers = self._project / _LAYERS
        layers.mkdir(parents=True, exist_ok=True)
        (target / _LAYERS).parent.mkdir(parents=True)
        (target / _LAYERS).symlink_to(layers, target_is_directory=True)
        for file in self._files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._project / file, target / file)
        return target


def _named(project: Path, revision: str) -> Baseline:
    found = _git(project, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if found is None:
        raise UsageError(
            f"--from {revision} is no commit that git knows in {project}",
            hint="name a commit, a branch or a tag",
            code="no-revision",
        )
    return Baseline(text=_described(project, found), revision=found, named=True)


def _id_of(project: Path, revision: str) -> str | None:
    return _git(project, "rev-parse", "--verify", f"{revision}^{{commit}}")


def _described(project: Path, revision: str) -> str:
    return _git(project, "log", "-1", "--format=%h (%s)", revision) or revision


def _git(project: Path, *arguments: str) -> str | None:
    """What git prints; None when it refuses, or when there is no git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *arguments], capture_output=True, text=True, check=False, encoding="utf-8"
        )
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()
