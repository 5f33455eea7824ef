"""The zip of one function: ``handlers/__init__.py``, ``handlers/common/`` and the function's own folder.

Which files of them are sources is ``tapgen.sources``' rule.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.files import keep_or_replace_file
from tapgen.model import Artifact
from tapgen.packaging.archive import Entry, digest_entries, zip_entries
from tapgen.sources import IGNORE_FILE, Sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "handlers"
_SHARED = "common"
_ENTRY_FILE = "app.py"


@dataclass(frozen=True, kw_only=True)
class FunctionZip:
    """A function's zip in memory; it is the same for every environment."""

    role: str
    data: bytes
    digest: str
    unpacked_bytes: int

    def place(self, target: Path) -> Artifact:
        """Bring the zip to ``<target>/<role>-<digest>.zip``; a file with these bytes is left alone."""
        path = target / f"{self.role}-{self.digest}.zip"
        keep_or_replace_file(path, self.data)
        return Artifact(
            name=self.role,
            path=path,
            digest=self.digest,
            sha256=hashlib.sha256(self.data).hexdigest(),
            size_bytes=len(self.data),
            unpacked_bytes=self.unpacked_bytes,
        )


def zip_function(role: str, *, folder: str, sources: Path) -> FunctionZip:
    """Read and zip a function's sources.

    Args:
        role: The function's name.
        folder: Its folder below ``sources``.
        sources: The ``handlers`` folder.

    Raises:
        PackagingError: The function has no ``app.py``, or a source cannot be part of a zip.
    """
    entry_file = sources / folder / _ENTRY_FILE
    if not entry_file.is_file():
        raise PackagingError(
            f"function {role!r} has no code: {entry_file} does not exist",
            hint=f"each function has a folder below {PACKAGE}/ with an {_ENTRY_FILE}",
            code="no-handler",
        )
    entries = list(_entries(folder, sources))
    if not any(entry.path == f"{PACKAGE}/{folder}/{_ENTRY_FILE}" for entry in entries):
        raise PackagingError(
            f"function {role!r} has no code: {PACKAGE}/{IGNORE_FILE} leaves {entry_file} out",
            hint=f"change the pattern that matches it; !/{folder}/{_ENTRY_FILE} after it takes the file back in",
            code="no-handler",
        )
    return FunctionZip(
        role=role,
        data=zip_entries(entries),
        digest=digest_entries(entries),
        unpacked_bytes=sum(len(entry.data) for entry in entries),
    )


def _entries(own: str, sources: Path) -> Iterator[Entry]:
    found = Sources(sources)
    for name in ("__init__.py", _SHARED, own):
        for relative, path in found.find(name):
            # Nothing here is run as a program, and not every file system keeps the executable bit.
            yield Entry(path=f"{PACKAGE}/{relative}", data=path.read_bytes())
