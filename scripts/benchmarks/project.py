"""A copy of the project to measure in, so that figures do not depend on what lies around."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def copied_project() -> Iterator[Path]:
    """A folder with configuration, handlers and the cached layers of this project."""
    with tempfile.TemporaryDirectory(prefix="tapgen-bench-") as name:
        folder = Path(name)
        for part in ("config", "handlers"):
            shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        cache = REPOSITORY / ".tapgen" / "cache"
        if cache.is_dir():
            shutil.copytree(cache, folder / ".tapgen" / "cache")
        yield folder
