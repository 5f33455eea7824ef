"""How every command prints its answer to standard output, one JSON document or lines in their styles, and its error."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.errors import TapgenError
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


def print_error(error: TapgenError, *, debug: bool = False, cause: BaseException | None = None) -> int:
    """Print an error to standard error; answers its exit code."""
    from tapgen.ui.failures import format_error
    from tapgen.ui.terminal import use_color, width_of

    if debug:
        traceback.print_exception(cause or error)
    isatty = sys.stderr.isatty()
    width = width_of(os.environ, sys.stderr) if isatty else None
    click.echo(format_error(error, color=use_color(os.environ, isatty=isatty), width=width), err=True)
    return error.exit_code
