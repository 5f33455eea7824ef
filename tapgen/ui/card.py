"""What a person wants to know when a release is live: where it is, which one, how long it took, what to do next. Pure.

For a terminal, where a table of all outputs would push the verdict out of sight; a pipe gets the table.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tapgen.ui.tables import human_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.events import Result

_VERSION_ARN = "VersionArn"
_INDENT = 2
_LABEL = 10


def end_card(result: Result, *, options: str, took_s: float, width: int) -> list[str]:
    """The card's lines, an empty one first.

    Args:
        result: How the operation ended; its outputs are those of the root stack.
        options: ``--env X [--suffix Y]``, for the commands.
        took_s: Seconds from the first word to the last.
        width: Columns; long lines are folded between words, a URL never.
    """
    return ["", *(line for label, text in _rows(result, options, took_s) for line in _fold(label, text, width))]


def _rows(result: Result, options: str, took_s: float) -> Iterator[tuple[str, str]]:
    outputs = result.outputs
    url = outputs.get("LocalApiUrl") or outputs.get("ApiUrl")
    if url:
        yield "call", url
    if result.release_id:
        yield "release", f"{result.release_id}{f'  #{result.sequence}' if result.sequence else ''}"
    versions = _versions(outputs)
    if versions:
        yield "versions", ", ".join(versions)
    yield "took", human_duration(took_s)
    if result.status == "done":
        yield "report", f"tapgen report {options}"
        yield "check", f"tapgen verify {options}"
        yield "go back", f"tapgen rollback {options}"
    yield "outputs", f"tapgen outputs {options}  prints all {len(outputs)}"


def _versions(outputs: Mapping[str, str]) -> list[str]:
    """``api 3`` for each output that is a version's ARN."""
    return [
        f"{name.removesuffix(_VERSION_ARN).lower()} {arn.rpartition(':')[2]}"
        for name, arn in sorted(outputs.items())
        if name.endswith(_VERSION_ARN)
    ]


def _fold(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width=width,
        initial_indent=f"{'':{_INDENT}}{label:<{_LABEL}}",
        subsequent_indent=" " * (_INDENT + _LABEL),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
