"""Reads a hashed requirements file just far enough to refuse one that is not pinned and hashed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError

if TYPE_CHECKING:
    from pathlib import Path

_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*==\s*[^\s;*]+(?=[\s;]|$)")
_HASH = re.compile(r"\s--hash[=\s](sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})(?=\s|$)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_CONTINUED = "\\"


def read_requirements(path: Path) -> bytes:
    """The file's bytes, after a check that each requirement is pinned with ``==`` and carries a hash.

    Raises:
        PackagingError: The file is missing or empty, or a requirement is not pinned or not hashed; all are named.
    """
    try:
        data = path.read_bytes()
        lines = _logical_lines(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackagingError(f"{path} cannot be read", why=str(error), code="no-requirements") from error
    if not lines:
        raise PackagingError(
            f"{path} names no packages",
            hint="a deployment without a dependency layer has layer.requirements: null",
            code="no-requirements",
        )
    faults = [f"line {number}: {line.split()[0]!r} {fault}" for number, line in lines if (fault := _fault(line))]
    if faults:
        raise PackagingError(
            f"{path.name} is not fully pinned and hashed",
            why="\n".join(faults),
            hint="pin each line with == and --hash=sha256:…, transitive dependencies included",
            code="requirements-not-hashed",
        )
    return data


def _fault(line: str) -> str:
    if line.startswith("-"):
        return "is an option; the file holds requirements alone"
    if not _PINNED.match(line):
        return "is not pinned with =="
    return "" if _HASH.search(line) else "has no --hash=sha256:…"


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines with continuations joined, comments and blanks dropped, each with the number of its first line."""
    lines: list[tuple[int, str]] = []
    pending, start = "", 0
    for number, raw in enumerate([*text.splitlines(), ""], start=1):
        line = _COMMENT.sub("", raw).strip()
        start = start if pending else number
        pending = f"{pending} {line.removesuffix(_CONTINUED).strip()}".strip()
        if pending and not line.endswith(_CONTINUED):
            lines.append((start, pending))
            pending = ""
    return lines
