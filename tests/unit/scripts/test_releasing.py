"""Releases of tapgen itself: the changelog's sections, and archives that are the same whoever packs them."""

from __future__ import annotations

import subprocess
from datetime import date
from typing import TYPE_CHECKING

import pytest

from scripts.releasing.build import build_distributions, export_commit
from scripts.releasing.changelog import name_version, release_notes

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2026-01-02\n\n- The first.\n"
PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
    "setup.cfg": "[metadata]\nname = shop\nversion = 1.0\n[options]\npy_modules = shop\n",
    "shop.py": "OPEN = True\n",
}


def test_version_takes_what_is_unreleased() -> None:
    """The new section has its date and the changes; an empty one waits above."""
    named = name_version(TEXT, version="0.2.0", on=date(2026, 3, 4))

    assert release_notes(named, version="0.2.0") == "### Added\n\n- A thing."
    assert release_notes(named, version="Unreleased") == ""
    assert "## [0.2.0] - 2026-03-04\n" in named
    assert release_notes(named, version="0.1.0") == "- The first."


@pytest.mark.parametrize(
    ("version", "text", "why"),
    [
        ("0.2", TEXT, "no version such as"),
        ("0.1.0", TEXT, "not above 0.1.0"),
        ("0.0.9", TEXT, "not above 0.1.0"),
        ("0.2.0", TEXT.replace("### Added\n\n- A thing.\n", ""), "nothing is under"),
    ],
)
def test_version_that_says_nothing_or_the_wrong_thing_is_refused(version: str, text: str, why: str) -> None:
    """A version goes up, has three numbers and brings something."""
    with pytest.raises(ValueError, match=why):
        name_version(text, version=version, on=date(2026, 3, 4))


def test_unknown_version_has_no_notes() -> None:
    """A tag without its changes is refused."""
    with pytest.raises(ValueError, match="no version 9"):
        release_notes(TEXT, version="9.0.0")


def test_same_commit_builds_to_the_same_bytes(tmp_path: Path) -> None:
    """Two builds in two folders with other file modes are equal byte for byte; what is not committed stays out."""
    repository = tmp_path / "repository"
    repository.mkdir()
    for name, text in PROJECT.items():
        (repository / name).write_text(text, encoding="utf-8")
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "first"]):
        subprocess.run([*git, *arguments], cwd=repository, check=True)
    (repository / "shop.py").write_text("OPEN = False\n", encoding="utf-8")

    built = []
    for turn, mode in (("one", 0o644), ("two", 0o664)):
        sources = tmp_path / turn / "sources"
        epoch_s = export_commit(repository, commit="HEAD", target=sources)
        (sources / "shop.py").chmod(mode)
        assert (sources / "shop.py").read_text(encoding="utf-8") == "OPEN = True\n"
        paths = build_distributions(sources, target=tmp_path / turn / "dist", epoch_s=epoch_s)
        built.append({path.name: path.read_bytes() for path in paths})

    assert sorted(built[0]) == ["shop-1.0-py3-none-any.whl", "shop-1.0.tar.gz"]
    assert built[0] == built[1]
