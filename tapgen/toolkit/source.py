"""What the project's folder is at: the git commit, for the record of a release."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tapgen.ledger.record import Source

if TYPE_CHECKING:
    from pathlib import Path


def read_source(folder: Path) -> Source | None:
    """Commit and dirtiness; None where there is no git, no repository or no commit: a release needs none of them."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    return Source(commit=commit, dirty=_git(folder, "status", "--porcelain", "--", ".") != "")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
