"""Pages as one Markdown document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.manual.pages import Page, Paragraph

_HEAD = """# Commands

Written from the commands by `scripts/man write`; `scripts/check` finds where the two differ. `tapgen COMMAND --help`
prints the same, `man tapgen-COMMAND` where the package's man pages are on MANPATH.
"""


def write_markdown(pages: Iterable[Page]) -> str:
    """The document, a section per command."""
    return "\n".join([_HEAD, *(_section(page) for page in pages)])


def _section(page: Page) -> str:
    parts = [f"## {page.path}", f"```\n{page.usage}\n```", *map(_paragraph, page.paragraphs)]
    if page.commands:
        parts.append("\n".join(f"- {_link(page.path, name)}: {text}" for name, text in page.commands))
    if page.options:
        rows = [f"| `{_cell(names)}` | {_cell(text)} |" for names, text in page.options]
        parts.append("\n".join(["| option | |", "|---|---|", *rows]))
    if page.examples:
        parts.append(f"```sh\n{page.examples}\n```")
    return "\n\n".join(parts) + "\n"


def _paragraph(paragraph: Paragraph) -> str:
    return f"```\n{paragraph.text}\n```" if paragraph.is_kept else paragraph.text


def _link(path: str, name: str) -> str:
    full = f"{path} {name}"
    return f"[{full}](#{re.sub(r'[^a-z0-9]+', '-', full.lower())})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
