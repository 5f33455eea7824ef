"""What the candidate replaces: the live release, a commit, or the project itself. Rendering it is ``rehearse``'s."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.rehearsal.sources import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.model import Rendered


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """One way to get what stands for the release before the candidate."""

    text: str
    """For people: which one, and why."""
    revision: str | None = None
    """The full id of a commit."""
    fetch: Callable[[Path], Rendered] | None = None
    """Brings a release that was rendered before into a folder."""
    named: bool = False
    """Somebody asked for exactly this one: no other takes its place."""


THE_PROJECT = Baseline(text="the project as it is")


def choose_commit(project: Path, revision: str | None) -> Baseline:
    """The commit that stands for what is live.

    Args:
        project: The project's folder.
        revision: What the user named, or None: the last commit when the tree differs from it, otherwise the last but
            one that changed configuration or handlers, otherwise none.

    Raises:
        UsageError: The revision is not known.
    """
    if revision is not None:
        return _named(project, revision)
    if _git(project, "rev-parse", "--verify", "HEAD^{commit}") is None:
        return THE_PROJECT
    if _git(project, "status", "--porcelain", "--", *PARTS):
        return Baseline(text=f"{_described(project, 'HEAD')}, the last commit", revision=_id_of(project, "HEAD"))
    changes = (_git(project, "log", "--first-parent", "-2", "--format=%H", "--", *PARTS) or "").split()
    if len(changes) < 2:
        return THE_PROJECT
    return Baseline(text=f"{_described(project, changes[1])}, the last change but one", revision=changes[1])


def _named(project: Path, revision: str) -> Baseline:
    found = _git(project, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if found is None:
        raise UsageError(
            f"{revision} is no commit that git knows in {project}",
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
