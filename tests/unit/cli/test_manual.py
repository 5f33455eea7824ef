"""Help pages, docs/reference/cli.md and the man pages: whole, and written from the commands."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from scripts.manual.__main__ import DOCS, write_files
from scripts.manual.pages import collect_pages
from tapgen.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.manual.pages import Page

PAGES = tuple(collect_pages(cli, "tapgen"))


@pytest.mark.parametrize("page", [page for page in PAGES if not page.commands], ids=lambda page: page.path)
def test_every_command_shows_how_it_is_used(page: Page) -> None:
    """A command that does something has examples, and each of them names the command itself or a pipeline with it."""
    assert page.summary
    assert re.sub(" (list|make)$", "", page.path) in page.examples


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_option_is_explained(page: Page) -> None:
    """No option stands there without a word of what it does."""
    assert [names for names, text in page.options if not text.strip()] == []


def test_examples_use_options_that_exist() -> None:
    """A long option in an example is one that the command has: examples do not rot."""
    wrong = []
    for page in (page for page in PAGES if not page.commands):
        known = set(re.findall(r"--[a-z-]+", " ".join(names for names, _ in page.options)))
        for line in page.examples.splitlines():
            command = re.search(rf"{re.escape(page.path)} ([^|>)#]*)", line)
            used = re.findall(r"(?<!\S)--[a-z-]+", command.group(1)) if command else []
            wrong += [f"{page.path}: {option}" for option in used if option not in known]
    assert wrong == []


def test_the_written_manual_is_what_the_commands_say() -> None:
    """docs/reference/cli.md and docs/man are up to date; `scripts/man write` makes them so."""
    wanted = write_files()
    committed = [DOCS / "cli.md", *(DOCS / "man").glob("*.1")]

    assert {path.name for path in committed} == {path.name for path in wanted}
    assert [path.name for path, text in wanted.items() if path.read_text(encoding="utf-8") != text] == []


def test_links_in_the_manual_lead_somewhere() -> None:
    """Each command that an overview lists has a section of its own."""
    text = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^a-z0-9]+", "-", line.removeprefix("## ")) for line in re.findall(r"^## .*", text, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", text)) <= anchors


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="no mandoc to judge man pages")
def test_man_pages_are_valid(tmp_path: Path) -> None:
    """The tool mandoc finds neither error nor unsupported request in any page."""
    for path, text in write_files().items():
        if path.suffix == ".1":
            (tmp_path / path.name).write_text(text, encoding="utf-8")
    pages = sorted(str(path) for path in tmp_path.glob("*.1"))

    judged = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "error", *pages], capture_output=True, text=True, check=False
    )

    assert (judged.returncode, judged.stdout) == (0, "")
