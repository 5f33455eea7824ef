"""Reads a hashed requirements file just far enough to refuse one that is not pinned and hashed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError

if TYPE_CHECKING:
    from pathlib import Path

_PINNED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?==\S+")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def read_requirements(path: Path) -> bytes:
    """The file's bytes, after a check that each requirement is pinned with ``==`` and carries a SHA-256.

    Raises:
        PackagingError: The file is missing, or a requirement is not pinned or not hashed; all are named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PackagingError(f"{path} cannot be read", why=str(error), code="no-requirements") from error
    faults = [
        f"line {number}: {line.split()[0]!r} {fault}"
        for number, line in _logical_lines(data.decode("utf-8"))
        if (fault := _fault(line))
    ]
    if faults:
        raise PackagingError(
            f"{path.name} is not fully pinned and hashed",
            why="; ".join(faults),
            hint="pin each line with == and --hash=sha256:…, transitive dependencies included",
            code="requirements-not-hashed",
        )
    return data


def _fault(line: str) -> str:
    if not _PINNED.match(line):
        return "is not pinned with =="
    return "" if _HASH.search(line) else "has no --hash=sha256:…"


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines with continuations joined, comments and blanks dropped, each with the number of its first line."""
    lines: list[tuple[int, str]] = []
    pending, start = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        start = start if pending else number
        pending = f"{pending} {line.removesuffix(chr(92)).strip()}".strip()
        if not line.endswith("\\") and pending:
            lines.append((start, pending))
            pending = ""
    return lines
