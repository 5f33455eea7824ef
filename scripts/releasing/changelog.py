"""CHANGELOG.md in the form of Keep a Changelog 1.1: what waits under ``[Unreleased]`` becomes a version. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_UNRELEASED = "## [Unreleased]\n"
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def release_notes(text: str, *, version: str) -> str:
    """What ``version`` brings.

    Raises:
        ValueError: The changelog has no such version.
    """
    found = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"CHANGELOG.md has no version {version}")
    return found[1].strip()


def name_version(text: str, *, version: str, on: date) -> str:
    """The changelog with what is unreleased under ``version``, and an empty ``[Unreleased]`` above.

    Raises:
        ValueError: The version has another form, is there already or is not above the newest, or nothing is unreleased.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version such as 1.4.0")
    for released in re.findall(r"^## \[(\d+\.\d+\.\d+)\]", text, re.MULTILINE):
        if _numbers(version) <= _numbers(released):
            raise ValueError(f"{version} is not above {released}, which is released")
    if not release_notes(text, version="Unreleased"):
        raise ValueError("nothing is under [Unreleased]: a version without changes says nothing")
    return text.replace(_UNRELEASED, f"{_UNRELEASED}\n## [{version}] - {on.isoformat()}\n", 1)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
