"""A page as a man page, in the macros of man(7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.manual.pages import Page, Paragraph


def write_roff(page: Page, *, version: str) -> str:
    """The man page of a command. It has no date: the same commands write the same bytes."""
    name = file_stem(page)
    lines = [
        f'.TH {name.upper()} 1 "" "tapgen {version}" "tapgen"',
        ".SH NAME",
        f"{_escape(name)} \\- {_escape(page.summary.rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_escape(page.usage)}",
        ".SH DESCRIPTION",
    ]
    for paragraph in page.paragraphs:
        lines += _paragraph(paragraph)
    if page.commands:
        lines.append(".SH COMMANDS")
        for command, text in page.commands:
            lines += [".TP", f"\\fB{_escape(command)}\\fR", _escape(text)]
    if page.options:
        lines.append(".SH OPTIONS")
        for names, text in page.options:
            lines += [".TP", f"\\fB{_escape(names)}\\fR", _escape(text)]
    if page.examples:
        lines += [".SH EXAMPLES", *_kept(page.examples)]
    return "\n".join(lines) + "\n"


def file_stem(page: Page) -> str:
    """``tapgen-iam-prove``."""
    return page.path.replace(" ", "-")


def _paragraph(paragraph: Paragraph) -> list[str]:
    return [".PP", *(_kept(paragraph.text) if paragraph.is_kept else [_escape(paragraph.text)])]


def _kept(text: str) -> list[str]:
    return [".nf", *map(_escape, text.splitlines()), ".fi"]


def _escape(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    # A line that begins with a dot or an apostrophe would be a request.
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
