"""One rule says which files below ``handlers/`` are sources, whatever tools leave beside them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import PackagingError
from tapgen.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path

_LEFT_BY_TOOLS = (
    ".app.py.swp",
    ".DS_Store",
    ".idea/workspace.xml",
    ".mypy_cache/3.13/app.json",
    "#app.py#",
    "4913",
    "Thumbs.db",
    "__pycache__/app.cpython-313.pyc",
    "app.py.bak",
    "app.py.orig",
    "app.py.rej",
    "app.py.swp",
    "app.py.tmp",
    "app.py___jb_tmp___",
    "app.py~",
    "old.pyo",
    "pkg/__pycache__/x.py",
    "pkg/inner.py~",
)


@pytest.fixture(name="handlers")
def _handlers(tmp_path: Path) -> Path:
    """A folder with two functions."""
    folder = tmp_path / "handlers"
    for name in ("__init__.py", "api/app.py", "api/docs.html", "api/pkg/inner.py", "other/app.py"):
        _write(folder, name)
    return folder


def _write(folder: Path, name: str, text: str = "x = 1\n") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _find(handlers: Path, name: str = "api") -> list[str]:
    return [relative for relative, _ in Sources(handlers).find(name)]


def test_sources_are_the_files_of_a_folder_sorted(handlers: Path) -> None:
    """Of any kind, with their paths below ``handlers``; nothing of other folders, and one file by its name."""
    assert _find(handlers) == ["api/app.py", "api/docs.html", "api/pkg/inner.py"]
    assert _find(handlers, "__init__.py") == ["__init__.py"]
    assert _find(handlers, "missing") == []


@pytest.mark.parametrize("name", _LEFT_BY_TOOLS)
def test_what_tools_leave_is_left_out(handlers: Path, name: str) -> None:
    """Backups, swap files, conflicts, caches: none of them makes another zip."""
    before = _find(handlers)
    _write(handlers, f"api/{name}")

    assert _find(handlers) == before


def test_emacs_lock_is_left_out(handlers: Path) -> None:
    """It is a link that points nowhere, and appears with the first key that somebody presses."""
    before = _find(handlers)
    (handlers / "api" / ".#app.py").symlink_to("ada@laptop.4711:1795521600")

    assert _find(handlers) == before


def test_the_ignore_file_leaves_out_and_takes_back_in(handlers: Path) -> None:
    """Patterns are those of a .gitignore, relative to ``handlers``; the last one that matches decides."""
    for name in ("api/notes.md", "api/tests/test_app.py", "api/.well-known/x.json", "api/fixtures/keep.json"):
        _write(handlers, name)
    _write(handlers, "api/fixtures/big.json")
    _write(
        handlers,
        ".tapgenignore",
        "# not for Lambda\n\n*.md\n/api/tests/\napi/fixtures/*\n!api/fixtures/keep.json\n!.well-known/\n",
    )

    assert _find(handlers) == [
        "api/.well-known/x.json",
        "api/app.py",
        "api/docs.html",
        "api/fixtures/keep.json",
        "api/pkg/inner.py",
    ]


def test_a_link_that_is_left_out_does_no_harm(handlers: Path) -> None:
    """The ignore file is a way out for links, too; others are refused and told the way."""
    (handlers / "api" / "latest").symlink_to("pkg")

    with pytest.raises(PackagingError, match="is a symbolic link") as caught:
        _find(handlers)
    assert caught.value.code == "package-symlink"
    assert ".tapgenignore" in caught.value.hint

    _write(handlers, ".tapgenignore", "latest\n")
    assert "api/latest" not in _find(handlers)


def test_a_name_that_is_not_utf_8_is_refused_unless_left_out(handlers: Path) -> None:
    """The zip could not carry it; the byte is shown."""
    (handlers / "api" / os.fsdecode(b"caf\xe9.py")).touch()

    with pytest.raises(PackagingError) as caught:
        _find(handlers)
    assert caught.value.code == "package-file-name"
    assert "handlers/api/caf\\xe9.py" in caught.value.what

    _write(handlers, ".tapgenignore", "caf*\n")
    assert _find(handlers) == ["api/app.py", "api/docs.html", "api/pkg/inner.py"]


@pytest.mark.parametrize("line", ["!", "\\", "[z-a]"])
def test_a_line_that_is_no_pattern_is_told_with_its_number(handlers: Path, line: str) -> None:
    """A slip of the pen must not let everything into the zip."""
    _write(handlers, ".tapgenignore", f"*.md\n{line}\n")

    with pytest.raises(PackagingError) as caught:
        _find(handlers)

    assert caught.value.code == "ignore-file"
    assert f".tapgenignore:2: {line!r}" in caught.value.what


def test_an_ignore_file_that_is_no_text_is_told(handlers: Path) -> None:
    """UTF-8, with or without a byte order mark."""
    (handlers / ".tapgenignore").write_bytes(b"\xef\xbb\xbfdocs.html\n")
    assert _find(handlers) == ["api/app.py", "api/pkg/inner.py"]

    (handlers / ".tapgenignore").write_bytes(b"\xff\xfe*")
    with pytest.raises(PackagingError) as caught:
        _find(handlers)
    assert caught.value.code == "ignore-file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_listed_is_told(handlers: Path) -> None:
    """Its code must not be missing in silence."""
    (handlers / "api" / "pkg").chmod(0)
    try:
        with pytest.raises(PackagingError, match="cannot be listed"):
            _find(handlers)
    finally:
        (handlers / "api" / "pkg").chmod(0o755)
