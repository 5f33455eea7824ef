"""The commands that the pages show: each must exist, with every option that it is given.

A page that shows a command which is gone costs its reader more than no page. Values are not looked at: an environment's
name in an example is anybody's.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tapgen.cli.default_group import DefaultGroup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FENCE = re.compile(r"^(```|~~~)")
_SHELL = ("sh", "bash", "console", "shell")
_INLINE = re.compile(r"`(tapgen [^`]+)`")
_NUMBER = re.compile(r"-\d")
_PLACEHOLDER = re.compile(r"[A-Z…<\[|]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as a page shows it."""

    page: Path
    line: int
    text: str


def find_commands(page: Path) -> Iterator[Shown]:
    """Every ``tapgen`` command of a page: in shell blocks, and between back-ticks."""
    fence, shell = False, False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if _FENCE.match(line):
            fence, shell = not fence, line[3:].strip().split(" ")[0] in _SHELL
        elif fence and shell:
            for text in re.findall(r"(?:^|[(;&|]\s*)(?:\S*/)?(tapgen [^#;&|()]*)", line.strip()):
                yield Shown(page, number, text.strip().rstrip("\\"))
        elif not fence:
            for text in _INLINE.findall(line):
                yield Shown(page, number, text)


def find_fault(shown: Shown, root: click.Command) -> str | None:
    """What is wrong with a command; None when the command line knows it all."""
    command, known = root, "tapgen"
    for token in _split(shown.text)[1:]:
        if isinstance(command, DefaultGroup) and token not in command.commands:
            command = command.commands[command.default]
        if token.startswith("-") and not _NUMBER.match(token):
            name = token.split("=")[0]
            if name not in _options(command) | _options(root):
                return f"`{known}` has no option {name}"
        elif isinstance(command, click.Group):
            if _PLACEHOLDER.match(token):
                return None
            found = command.get_command(click.Context(command), token)
            if found is None:
                return f"`{known}` has no command {token!r}"
            command, known = found, f"{known} {token}"
    return None


def _split(text: str) -> list[str]:
    # An example may be cut in the middle of a quoted value; its options stand before.
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _options(command: click.Command) -> set[str]:
    names = {"--help", "-h"}
    for parameter in command.params:
        names |= {*parameter.opts, *parameter.secondary_opts}
    return names
