"""Files that are written in one step and known by their bytes. Imports nothing from the project."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Write a file, and the folder around it: a reader, or a second writer, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def keep_or_replace_file(path: Path, data: bytes) -> None:
    """``replace_file``, but a file that holds these bytes is left alone."""
    try:
        unchanged = path.read_bytes() == data
    except OSError:
        unchanged = False
    if not unchanged:
        replace_file(path, data)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hash_input(path: Path) -> str:
    """A file's hash, or that there is none, as of an editor's link to nowhere: who uses the file says what is wrong."""
    try:
        return hash_file(path)
    except OSError as error:
        return type(error).__name__
