"""How every command prints its answer to standard output: one JSON document, or lines in their styles."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.ui.style import Line


def print_document(document: Any) -> None:
    """One document of ``--json``; what JSON has no word for is printed as text."""
    click.echo(format_document(document))


def format_document(document: Any) -> str:
    """The same as text, for what may go into a file as well."""
    return json.dumps(document, indent=2, default=str)


def print_lines(lines: Iterable[Line]) -> None:
    """Lines of a page, coloured where somebody sees it."""
    click.echo(format_lines(lines), nl=False, color=True)


def format_lines(lines: Iterable[Line]) -> str:
    """The same as text, each line with its end."""
    from tapgen.ui.style import paint
    from tapgen.ui.terminal import use_color

    color = use_color(os.environ, isatty=sys.stdout.isatty())
    return "".join(f"{paint(line.text, line.style, color=color)}\n" for line in lines)
