"""What the terminal can do, from its environment, and the listener that suits it."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.events import Listener

# Variables that continuous integration services set.
_CI_VARIABLES = (
    "CI",
    "GITHUB_ACTION",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "BUILD_TAG",
    "TRAVIS",
    "CIRCLECI",
    "CODEBUILD_BUILD_ID",
    "TEAMCITY_VERSION",
    "bamboo_buildNumber",
    "BUDDY",
    "SEMAPHORE",
    "APPVEYOR",
)
PLAIN = "TAPGEN_PLAIN"
"""The variable that asks for lines instead of a board."""
_DEFAULT_WIDTH = 100
_DEFAULT_HEIGHT = 24
# Narrower text would be one word a line; a live board so narrow would be folded by the terminal, and then torn.
_MIN_WIDTH = 40
_MIN_LIVE_HEIGHT = 8


def is_ci(environ: Mapping[str, str]) -> bool:
    """True where nobody watches: some CI service's variable is set."""
    return any(environ.get(name) not in (None, "", "0", "false") for name in _CI_VARIABLES)


def is_interactive(environ: Mapping[str, str], *, isatty: bool) -> bool:
    """True when a person can be asked and a line can be redrawn."""
    return isatty and not is_ci(environ) and environ.get("TERM") != "dumb"


def use_color(environ: Mapping[str, str], *, isatty: bool) -> bool:
    """Whether to colour: NO_COLOR forbids, FORCE_COLOR forces (no-color.org), then CLICOLOR_FORCE and CLICOLOR=0.

    Without any of them a capable terminal decides.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return isatty and environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0"


def size_of(environ: Mapping[str, str], stream: TextIO) -> tuple[int, int]:
    """Columns and lines: COLUMNS and LINES, else the terminal's own as they are now, else 100 by 24 for a log."""
    try:
        actual = os.get_terminal_size(stream.fileno())
        # A terminal whose size nobody set answers 0.
        columns, lines = actual.columns or _DEFAULT_WIDTH, actual.lines or _DEFAULT_HEIGHT
    except (OSError, ValueError, io.UnsupportedOperation):
        columns, lines = _DEFAULT_WIDTH, _DEFAULT_HEIGHT
    return _number(environ, "COLUMNS") or columns, _number(environ, "LINES") or lines


def width_of(environ: Mapping[str, str], stream: TextIO) -> int:
    """Columns for text, 40 at least."""
    columns, _ = size_of(environ, stream)
    return max(_MIN_WIDTH, columns)


def can_draw(environ: Mapping[str, str], stream: TextIO) -> bool:
    """True when a person watches the stream, wants a board, and there is room for it.

    A screen reader reads lines as they come and loses its place when they are drawn again: ``TAPGEN_PLAIN``.
    """
    columns, lines = size_of(environ, stream)
    wanted = is_interactive(environ, isatty=stream.isatty()) and not environ.get(PLAIN)
    return wanted and columns >= _MIN_WIDTH and lines >= _MIN_LIVE_HEIGHT


@contextmanager
def choose_listener(
    environ: Mapping[str, str], *, stdout: TextIO, stderr: TextIO, as_json: bool, options: str
) -> Iterator[Listener]:
    """The listener for this run: NDJSON on stdout, a live board on a terminal, or plain lines; progress on stderr.

    Leaving the block puts the terminal back, whatever happened inside.

    Args:
        environ: What the process was started with.
        stdout: Where results go.
        stderr: Where progress goes.
        as_json: Whether a script reads.
        options: ``--env X``, for what is shown at the end where stdout is a terminal.
    """
    if as_json:
        from tapgen.ui.ndjson import NdjsonListener

        yield NdjsonListener(stdout)
        return
    from tapgen.ui.plain import PlainListener
    from tapgen.ui.results import CardWriter, OutputWriter

    color = use_color(environ, isatty=stderr.isatty())
    width = width_of(environ, stderr)
    results = CardWriter(stdout, options=options, width=width) if stdout.isatty() else OutputWriter(stdout)
    plain = PlainListener(stderr, results=results, width=width, color=color)
    if not can_draw(environ, stderr):
        yield plain
        return
    from tapgen.ui.live import LiveListener

    with LiveListener(stderr, plain=plain, size=lambda: size_of(environ, stderr), color=color) as live:
        yield live


def _number(environ: Mapping[str, str], name: str) -> int:
    """A variable's positive number, or 0."""
    value = environ.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else 0
