"""A starter → the files of a new project. Writes into an empty folder alone, and asks nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen._version import __version__
from tapgen.errors import UsageError
from tapgen.files import replace_file
from tapgen.starters.catalogue import read_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.starters.catalogue import Starter

# As long as the names of resources leave room for; ``tapgen.config.schema.Name`` has the pattern.
_MAX_NAME = 20
_SHOWN = 5
# What a folder may hold and still be empty to somebody who begins: a repository, and what systems leave behind.
_NO_CONTENT = {".git", ".DS_Store", "Thumbs.db", "desktop.ini"}


def project_name(folder: Path) -> str:
    """The service's name after its folder: ``My Orders`` → ``my-orders``.

    Raises:
        UsageError: The folder's name has nothing to make a name of, or is too long.
    """
    found = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-")
    if not re.match(r"[a-z]", found):
        raise UsageError(
            f"no name of a service can be made of the folder {folder.name!r}",
            why="a name begins with a letter, and is lower-case words joined by hyphens",
            hint="name another folder: tapgen init orders",
            code="bad-name",
        )
    if len(found) > _MAX_NAME:
        raise UsageError(
            f"{found!r} has {len(found)} characters; the name of a service has {_MAX_NAME} at most",
            why="it is the first part of every name in AWS, and Lambda and IAM take 64 characters",
            hint="name a folder with a shorter name: tapgen init orders",
            code="bad-name",
        )
    return found


def write_project(folder: Path, starter: Starter) -> tuple[Path, ...]:
    """Write a new project.

    Args:
        folder: Where; it need not exist.
        starter: What it begins with.

    Returns:
        The files that were written, sorted.

    Raises:
        UsageError: The folder holds something, or its name makes no service's name.
        OSError: A file cannot be written.
    """
    _refuse_content(folder)
    name = project_name(folder) if starter.named else starter.name
    values = {"{{name}}": name, "{{version}}": __version__}
    written = []
    for relative, text in read_files(starter).items():
        path = folder / relative
        replace_file(path, _fill(text, values).encode())
        written.append(path)
    return tuple(written)


def _fill(text: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def _refuse_content(folder: Path) -> None:
    """Let a project begin in an empty folder alone: nothing of anybody's is overwritten."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            f"{folder} is a file",
            hint="name another folder: tapgen init orders",
            code="folder-taken",
        )
    found = list(_content(folder))
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise UsageError(
            f"{folder} is not empty",
            why=f"it holds {', '.join(found[:_SHOWN])}{more}",
            hint="name a folder that is empty or does not exist: tapgen init orders",
            code="folder-taken",
        )


def _content(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir() if path.name not in _NO_CONTENT)
