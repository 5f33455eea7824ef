"""What the terminal can do, from its environment, and the listener that suits it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.events import Listener

# Variables that continuous integration services set.
_CI_VARIABLES = (
    "CI",
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
_DEFAULT_WIDTH = 100


def is_ci(environ: Mapping[str, str]) -> bool:
    """True where nobody watches: some CI service's variable is set."""
    return any(environ.get(name) not in (None, "", "0", "false") for name in _CI_VARIABLES)


def is_interactive(environ: Mapping[str, str], *, isatty: bool) -> bool:
    """True when a person can be asked and a line can be redrawn."""
    return isatty and not is_ci(environ) and environ.get("TERM") != "dumb"


def use_color(environ: Mapping[str, str], *, isatty: bool) -> bool:
    """Whether to colour: NO_COLOR forbids, FORCE_COLOR forces, otherwise a capable terminal decides (no-color.org)."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return isatty and environ.get("TERM") != "dumb"


def width_of(environ: Mapping[str, str], stream: TextIO) -> int:
    """Columns: COLUMNS, the terminal's own, or 100 for a log."""
    if environ.get("COLUMNS", "").isdigit():
        return max(40, int(environ["COLUMNS"]))
    import os

    try:
        return max(40, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return _DEFAULT_WIDTH


@contextmanager
def choose_listener(environ: Mapping[str, str], *, stdout: TextIO, stderr: TextIO, as_json: bool) -> Iterator[Listener]:
    """The listener for this run: NDJSON on stdout, a live board on a terminal, or plain lines; progress on stderr.

    Leaving the block puts the terminal back, whatever happened inside.
    """
    if as_json:
        from tapgen.ui.ndjson import NdjsonListener

        yield NdjsonListener(stdout)
        return
    from tapgen.ui.plain import PlainListener

    color = use_color(environ, isatty=stderr.isatty())
    plain = PlainListener(stderr, results=stdout, width=width_of(environ, stderr), color=color)
    if not is_interactive(environ, isatty=stderr.isatty()):
        yield plain
        return
    from tapgen.ui.live import LiveListener

    with LiveListener(stderr, plain=plain, width=width_of(environ, stderr)) as live:
        yield live
