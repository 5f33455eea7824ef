"""Which files below ``handlers/`` are sources: one rule for packaging and for whatever else reads handler code.

The built-in patterns come first, then those of ``handlers/.tapgenignore``; the last one that matches decides, as in a
``.gitignore``. What is left out is never looked at: neither its name nor its kind can make a project unusable.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".tapgenignore"
BUILT_IN = (
    ".*",  # hidden: Emacs's locks `.#app.py`, vim's `.app.py.swp`, .DS_Store, .idea/, caches of tools
    "__pycache__/",
    "*.py[co]",
    "*~",  # backups of Emacs, vim, nano and gedit
    "\\#*#",  # Emacs's auto-save files
    "*.sw[a-p]",  # vim's swap files
    "*.bak",
    "*.orig",  # git mergetool, patch
    "*.rej",
    "*.tmp",
    "*___jb_*___",  # JetBrains' safe write
    "4913",  # vim's trial whether a folder can be written
    "Thumbs.db",
    "desktop.ini",
)
"""What tools leave beside sources, as patterns of ``.gitignore``."""


class Sources:
    """The sources of one project.

    Args:
        handlers: The folder ``handlers``; patterns are relative to it.

    Raises:
        PackagingError: The ignore file cannot be read, or holds what is no pattern.
    """

    def __init__(self, handlers: Path) -> None:
        self._handlers = handlers
        self._ignored = _read_patterns(handlers / IGNORE_FILE)

    def find(self, name: str) -> Iterator[tuple[str, Path]]:
        """The sources in a folder below ``handlers``, or the one file of that name, sorted.

        Yields:
            Path below ``handlers`` with slashes, and where the file is. A file that does not exist yields nothing.

        Raises:
            PackagingError: A source is a symbolic link, its name is not UTF-8, or a folder cannot be listed.
        """
        for relative in sorted(self._walk(name)):
            path = self._handlers / relative
            refuse_link(path)
            if path.is_file():
                _refuse_name(relative)
                yield relative, path

    def _walk(self, name: str) -> Iterator[str]:
        """Paths below ``handlers`` of everything that is no folder; links are not followed."""
        root = self._handlers / name
        if root.is_symlink() or not root.is_dir():
            if os.path.lexists(root) and not self._ignored.match_file(name):
                yield name
            return
        if self._ignored.match_file(f"{name}/"):
            return
        for child in _list_folder(root):
            yield from self._walk(f"{name}/{child}")


def refuse_link(path: Path) -> None:
    """Let no symbolic link into a zip.

    Raises:
        PackagingError: It is one.
    """
    if path.is_symlink():
        raise PackagingError(
            f"{path} is a symbolic link",
            why="what it points at would not be the same on every machine",
            hint=f"put the file itself there, or leave it out: handlers/{IGNORE_FILE}",
            code="package-symlink",
        )


def _list_folder(folder: Path) -> list[str]:
    try:
        return [child.name for child in folder.iterdir()]
    except OSError as error:
        # ``Path.rglob`` passes over such a folder in silence, and with it over its code.
        raise PackagingError(
            f"{folder} cannot be listed",
            why=error.strerror or str(error),
            hint=f"check its permissions, or leave it out: handlers/{IGNORE_FILE}",
            code="file-access",
        ) from error


def _refuse_name(relative: str) -> None:
    try:
        relative.encode()
    except UnicodeEncodeError as error:
        raise PackagingError(
            f"the name of handlers/{_show(relative)} is not UTF-8",
            why="a zip's names are Unicode, and this one has no spelling that is the same on every machine",
            hint=f"rename the file, or leave it out: handlers/{IGNORE_FILE}",
            code="package-file-name",
        ) from error


def _show(name: str) -> str:
    r"""The name with the bytes that are not UTF-8 as ``\xff``."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _read_patterns(path: Path) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise PackagingError(
            f"{path} cannot be read",
            why=str(error),
            hint="it is a text file in UTF-8 with patterns as in a .gitignore",
            code="ignore-file",
        ) from error
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error) as error:
            raise PackagingError(
                f"{path}:{number}: {line!r} is no pattern",
                why=str(error),
                hint="patterns are those of a .gitignore",
                code="ignore-file",
            ) from error
    return GitIgnoreSpec.from_lines([*BUILT_IN, *lines])
