"""A command's page as plain values, read from click. Knows neither Markdown nor roff."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXAMPLES = "Examples:"
# click's mark of a paragraph that keeps its lines.
_KEPT = "\b"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A piece of a command's description."""

    text: str
    is_kept: bool
    """True where line breaks matter, as in a list."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One command."""

    path: str
    """The command as typed: ``tapgen iam prove``."""
    summary: str
    """The first sentence of the description."""
    usage: str
    paragraphs: tuple[Paragraph, ...]
    examples: str
    """Lines to type; empty where the command has none."""
    options: tuple[tuple[str, str], ...]
    """Names with their metavar, and what the option does."""
    commands: tuple[tuple[str, str], ...]
    """Names and summaries of the commands below."""


def collect_pages(root: click.Command, name: str) -> Iterator[Page]:
    """The page of a command, then those of all commands below it, by name."""
    yield from _collect(root, click.Context(root, info_name=name, **root.context_settings))


def _collect(command: click.Command, ctx: click.Context) -> Iterator[Page]:
    below: list[tuple[str, click.Command]] = []
    if isinstance(command, click.Group):
        found = [(name, command.get_command(ctx, name)) for name in sorted(command.list_commands(ctx))]
        below = [(name, item) for name, item in found if item is not None and not item.hidden]
    yield _page(command, ctx, tuple((name, item.get_short_help_str(limit=200)) for name, item in below))
    for name, item in below:
        yield from _collect(item, click.Context(item, info_name=name, parent=ctx))


def _page(command: click.Command, ctx: click.Context, commands: tuple[tuple[str, str], ...]) -> Page:
    paragraphs = list(_paragraphs(inspect.cleandoc(command.help or "")))
    # Arguments are part of the usage line; what they mean is in the description.
    options = [parameter for parameter in command.get_params(ctx) if isinstance(parameter, click.Option)]
    records = [option.get_help_record(ctx) for option in options]
    examples = [item for item in paragraphs if item.text.startswith(_EXAMPLES)]
    return Page(
        path=ctx.command_path,
        summary=paragraphs[0].text if paragraphs else "",
        usage=" ".join([ctx.command_path, *command.collect_usage_pieces(ctx)]),
        paragraphs=tuple(item for item in paragraphs if item not in examples),
        examples="\n".join(inspect.cleandoc(item.text.removeprefix(_EXAMPLES)) for item in examples),
        options=tuple(record for record in records if record),
        commands=commands,
    )


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for block in re.split(r"\n\s*\n", text):
        kept = block.startswith(_KEPT)
        lines = block.removeprefix(_KEPT).strip("\n")
        if lines.strip():
            yield Paragraph(text=lines if kept else " ".join(lines.split()), is_kept=kept)
