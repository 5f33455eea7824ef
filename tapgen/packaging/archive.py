"""Zips whose bytes depend on their contents alone.

Entries are sorted, dated 1980-01-01 (the zip format's first day), owned by nobody and stored uncompressed: zlib
builds differ in the bytes they make of the same input, so a deflated zip is not the same on every machine. Lambda
counts unpacked bytes anyway.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.sources import refuse_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_REGULAR_FILE = 0o100000
# Lambda runs as another user than the owner of the files: everybody must be able to read them.
_MODE = 0o644
_MODE_EXECUTABLE = 0o755
_SKIPPED_FOLDERS = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
_SKIPPED_SUFFIXES = {".pyc", ".pyo"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a zip: its path inside, with slashes, its bytes, and whether it may be executed."""

    path: str
    data: bytes
    executable: bool = False

    @property
    def mode(self) -> int:
        """Permission bits, the same on every machine whatever its umask."""
        return _MODE_EXECUTABLE if self.executable else _MODE


def read_tree(root: Path, *, prefix: str) -> Iterator[Entry]:
    """The files below a folder, byte code and tool caches left out.

    Raises:
        PackagingError: There is a symbolic link.
    """
    refuse_link(root)
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if _SKIPPED_FOLDERS & set(relative.parts) or path.suffix in _SKIPPED_SUFFIXES:
            continue
        if path.is_symlink() or path.is_file():
            yield read_file(path, inside=f"{prefix}{relative.as_posix()}")


def read_file(path: Path, *, inside: str) -> Entry:
    """One file, under its path in the zip.

    Raises:
        PackagingError: It is a symbolic link.
    """
    refuse_link(path)
    return Entry(path=inside, data=path.read_bytes(), executable=bool(path.stat().st_mode & 0o100))


def digest_entries(entries: Iterable[Entry]) -> str:
    """The identity of a zip's contents: SHA-256 over path, mode and content hash of each entry, as 32 hex digits."""
    manifest = hashlib.sha256()
    for entry in sorted(entries, key=lambda item: item.path):
        manifest.update(f"{entry.path}\0{entry.mode:o}\0{hashlib.sha256(entry.data).hexdigest()}\n".encode())
    return manifest.hexdigest()[:32]


def zip_entries(entries: Iterable[Entry]) -> bytes:
    """The zip of these files, the same bytes everywhere."""
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for entry in sorted(entries, key=lambda item: item.path):
            info = zipfile.ZipInfo(entry.path, date_time=_EPOCH)
            info.create_system = _UNIX
            info.external_attr = (_REGULAR_FILE | entry.mode) << 16
            archive.writestr(info, entry.data)
    return buffer.getvalue()
