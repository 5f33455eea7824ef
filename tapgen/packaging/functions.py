"""The zip of one function: ``handlers/__init__.py``, ``handlers/common/`` and the function's own folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.model import Artifact
from tapgen.packaging.archive import Entry, digest_entries, hash_file, read_tree, write_zip

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = "handlers"
_SHARED = "common"
ENTRY_FILE = "app.py"


def package_function(role: str, *, sources: Path, target: Path) -> Artifact:
    """Zip a function's sources to ``<target>/<role>-<digest>.zip``; an existing zip is left alone.

    Raises:
        PackagingError: The function has no ``app.py``.
    """
    if not (sources / role / ENTRY_FILE).is_file():
        raise PackagingError(
            f"function {role!r} has no code: {sources / role / ENTRY_FILE} does not exist",
            hint="each function has a folder below handlers/ with an app.py",
            code="no-handler",
        )
    entries = _entries(role, sources)
    digest = digest_entries(entries)
    path = target / f"{role}-{digest}.zip"
    if not path.is_file():
        write_zip(path, entries)
    return Artifact(
        name=role,
        path=path,
        digest=digest,
        sha256=hash_file(path),
        size_bytes=path.stat().st_size,
        unpacked_bytes=sum(len(entry.data) for entry in entries),
    )


def _entries(role: str, sources: Path) -> list[Entry]:
    package = sources / "__init__.py"
    entries = [Entry(path=f"{_PACKAGE}/__init__.py", data=package.read_bytes() if package.is_file() else b"")]
    for folder in (_SHARED, role):
        if (sources / folder).is_dir():
            entries.extend(read_tree(sources / folder, prefix=f"{_PACKAGE}/{folder}/"))
    return entries
