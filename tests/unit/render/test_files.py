"""Files are written whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.files import hash_file, keep_or_replace_file, replace_file

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_and_its_folder_are_made_and_replaced(tmp_path: Path) -> None:
    """Nothing but the file is left."""
    path = tmp_path / "a" / "b" / "file"

    replace_file(path, b"one")
    replace_file(path, b"two")

    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]
    assert hash_file(path) == "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    """And nothing half-written beside it."""
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match="folder"):
        replace_file(tmp_path / "folder", b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_file_with_the_same_bytes_is_kept(tmp_path: Path) -> None:
    """Its inode and time stay; other bytes replace it."""
    path = tmp_path / "file"
    keep_or_replace_file(path, b"one")
    before = path.stat()

    keep_or_replace_file(path, b"one")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    keep_or_replace_file(path, b"two")
    assert path.read_bytes() == b"two"
