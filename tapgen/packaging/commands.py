"""The zip of a function whose code a command makes: for runtimes other than Python."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.files import replace_file
from tapgen.packaging.archive import digest_entries, read_tree, zip_entries
from tapgen.packaging.functions import PACKAGE, FunctionZip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.packaging.archive import Entry
    from tapgen.parts.function.model import Function

TARGET_VARIABLE = "TAPGEN_OUT"
"""The folder that the command fills."""
_FOLDER = "code"
_LAST_LINES = 20


def build_function(part: Function, *, project: Path) -> FunctionZip:
    """Run the command where the sources have changed, and zip what it leaves.

    The command runs in the project's folder through no shell, with ``TAPGEN_OUT`` set to the folder that it fills.

    Args:
        part: The function.
        project: The project's folder.

    Raises:
        PackagingError: There are no sources, the command fails or leaves nothing.
    """
    target = project / ".tapgen" / _FOLDER / part.name
    stamp = target.with_suffix(".stamp")
    wanted = _identify(part, project)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted or not target.is_dir():
        _run(part, project=project, target=target)
        replace_file(stamp, wanted.encode())
    entries = list(_entries(target))
    if not entries:
        raise PackagingError(
            f"the build of function {part.name!r} left nothing in ${TARGET_VARIABLE}",
            why=f"command: {part.build}",
            hint=f"copy the code into the folder that ${TARGET_VARIABLE} names",
            code="build-empty",
        )
    return FunctionZip(
        role=part.name,
        data=zip_entries(entries),
        digest=digest_entries(entries),
        unpacked_bytes=sum(len(entry.data) for entry in entries),
    )


def _identify(part: Function, project: Path) -> str:
    """What the result depends on: the command and every source of the function."""
    sources = project / PACKAGE / part.folder
    if not sources.is_dir():
        raise PackagingError(
            f"function {part.name!r} has no code: {sources} does not exist",
            hint=f"its sources stand in {PACKAGE}/{part.folder}/",
            code="no-handler",
        )
    digest = hashlib.sha256(part.build.encode())
    for path in sorted(item for item in sources.rglob("*") if item.is_file() and "node_modules" not in item.parts):
        digest.update(str(path.relative_to(sources)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _run(part: Function, *, project: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    try:
        done = subprocess.run(
            shlex.split(part.build),
            cwd=project,
            env={**os.environ, TARGET_VARIABLE: str(target)},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise PackagingError(
            f"the build of function {part.name!r} cannot be started: {part.build}", why=str(error), code="build-failed"
        ) from error
    if done.returncode:
        raise PackagingError(
            f"the build of function {part.name!r} failed with exit code {done.returncode}: {part.build}",
            why="\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:]),
            hint="run the command by hand in the project's folder",
            code="build-failed",
        )


def _entries(target: Path) -> Iterator[Entry]:
    yield from read_tree(target, prefix="")
