"""Where the text of a runbook is: the project's own first, then that of the package whose alarms name it.

``docs/runbooks`` of this repository comes into the wheel as ``runbook_pages`` (``setup.py``); a checkout reads it where
it stands. A package that brings kinds has its runbooks in a folder ``runbooks`` of the kind's package.
"""

from __future__ import annotations

import difflib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path("docs") / "runbooks"
"""Of a project that has runbooks of its own: one of the same name comes before tapgen's."""
_PACKAGE = Path(__file__).parent
_INDEX = "README"


def list_pages(project: Path | None) -> dict[str, Path]:
    """Slug → file of every runbook that can be read; a project's own wins.

    Args:
        project: The project's folder; None reads what packages bring.
    """
    found: dict[str, Path] = {}
    for folder in _folders(project):
        for page in sorted(folder.glob("*.md")):
            if page.stem != _INDEX:
                found.setdefault(page.stem, page)
    return dict(sorted(found.items()))


def read_page(slug: str, project: Path | None) -> str:
    """The text of one runbook.

    Raises:
        UsageError: There is none of that name.
    """
    pages = list_pages(project)
    if slug not in pages:
        close = difflib.get_close_matches(slug, pages, n=1)
        raise UsageError(
            f"there is no runbook {slug!r}",
            hint=f"did you mean {close[0]!r}?" if close else "`tapgen runbook` lists them",
            code="unknown-runbook",
        )
    return pages[slug].read_text(encoding="utf-8")


def _folders(project: Path | None) -> Iterator[Path]:
    if project:
        yield project / FOLDER
    for kind in list_kinds():
        spec = importlib.util.find_spec(kind.package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(place) / "runbooks"
    yield _PACKAGE / "runbook_pages"
    yield _PACKAGE.parent / FOLDER
