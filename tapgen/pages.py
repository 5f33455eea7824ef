"""Where the pages that tapgen names are: runbooks, a project's own first, and the user guide.

Both come into the wheel when it is built (``setup.py``); a checkout reads them where they stand. A package that brings
kinds has its runbooks in a folder ``runbooks`` of the kind's package.
"""

from __future__ import annotations

import difflib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RUNBOOKS = Path("docs") / "runbooks"
"""Of a project that has runbooks of its own: one of the same name comes before tapgen's."""
_PACKAGE = Path(__file__).parent
_INDEX = "README"
_ROOMS = ("start", "service", "ship", "operate", "reference", "transactions")


def list_runbooks(project: Path | None) -> Mapping[str, Path]:
    """Slug → file of every runbook that can be read; a project's own wins.

    Args:
        project: The project's folder; None reads what packages bring.
    """
    return _collect(_runbook_folders(project))


def list_guide() -> Mapping[str, Path]:
    """Name → file of every page of the user guide, whichever room it stands in."""
    books = [_PACKAGE / "guide_pages", _PACKAGE.parent / "docs"]
    return _collect(room for book in books if book.is_dir() for room in sorted(book.iterdir()) if room.name in _ROOMS)


def read_page(name: str, pages: Mapping[str, Path], *, what: str) -> str:
    """The text of one page.

    Args:
        name: Of the page; ``docs/reference/parts.md``, as one finds it in the repository, is ``parts``.
        pages: Those that there are.
        what: ``runbook`` or ``guide``, for the message: the command that lists them.

    Raises:
        UsageError: There is none of that name.
    """
    stem = Path(name).stem
    if stem not in pages:
        close = difflib.get_close_matches(stem, pages, n=1)
        raise UsageError(
            f"there is no page {name!r} among those of `tapgen {what}`",
            hint=f"did you mean {close[0]!r}?" if close else f"`tapgen {what}` lists them",
            code=f"unknown-{what}",
        )
    return pages[stem].read_text(encoding="utf-8")


def _collect(folders: Iterable[Path]) -> Mapping[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for page in sorted(folder.glob("*.md")):
            if page.stem != _INDEX:
                found.setdefault(page.stem, page)
    return dict(sorted(found.items()))


def _runbook_folders(project: Path | None) -> Iterator[Path]:
    if project:
        yield project / RUNBOOKS
    for kind in list_kinds():
        spec = importlib.util.find_spec(kind.package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(place) / "runbooks"
    yield _PACKAGE / "runbook_pages"
    yield _PACKAGE.parent / RUNBOOKS
