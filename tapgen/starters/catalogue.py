"""Which starters there are, and the files of each as text. Writes nothing.

``transactions`` is this repository's own service. It has no second copy in git: ``setup.py`` puts it into the wheel,
and a checkout reads it where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT = "api"
SHARED = "shared"
REFERENCE = "transactions"

_PROJECTS = Path(__file__).parent / "projects"
_REPOSITORY = Path(__file__).parents[2]
# What of this repository makes the reference service; setup.py takes the same list into the wheel.
REFERENCE_FOLDERS = ("config", "handlers")
# Names that would speak to git or GitHub where the starter itself lies.
_DOTTED = ("gitignore", "github")
# Where the editor of this repository finds the schema, and where that of a project does.
_OWN_SCHEMA, _PROJECT_SCHEMA = "../tapgen/config/environments.schema.json", "../.tapgen/environments.schema.json"
_LEFT_OUT = ("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache")


@dataclass(frozen=True, kw_only=True)
class Starter:
    """One project to begin with."""

    name: str
    """As ``--from`` takes it."""
    description: str
    """One line."""
    named: bool
    """Whether the service gets the new project's name; the reference keeps its own."""


STARTERS = (
    Starter(name="api", description="an HTTP API over a table with an index", named=True),
    Starter(name="worker", description="jobs taken by an HTTP API and done from a queue", named=True),
    Starter(name=REFERENCE, description="the reference service: exact amounts, idempotency, an archive", named=False),
)


def find_starter(name: str) -> Starter:
    """A starter by name.

    Raises:
        UsageError: There is none of that name.
    """
    for starter in STARTERS:
        if starter.name == name:
            return starter
    raise UsageError(
        f"there is no starter {name!r}",
        why=f"the starters are {', '.join(starter.name for starter in STARTERS)}",
        hint="choose one of them with --from",
        code="unknown-starter",
    )


def read_files(starter: Starter) -> Mapping[PurePosixPath, str]:
    """Path in the new project → text, with its placeholders.

    Raises:
        UsageError: The installation lacks the starter's files.
    """
    files = dict(_read_folder(_PROJECTS / SHARED))
    files |= _read_reference() if starter.name == REFERENCE else _read_folder(_PROJECTS / starter.name)
    return dict(sorted(files.items()))


def _read_reference() -> dict[PurePosixPath, str]:
    files = dict(_read_folder(_PROJECTS / REFERENCE))
    installed = _PROJECTS / REFERENCE / "handlers"
    if not installed.is_dir():
        for folder in REFERENCE_FOLDERS:
            found = _read_folder(_REPOSITORY / folder)
            files |= {PurePosixPath(folder) / path: text for path, text in found}
    if not any(path.parts[0] == "handlers" for path in files):
        raise UsageError(
            f"the installation lacks the files of the starter {REFERENCE!r}",
            why=f"{installed} does not exist",
            hint="install tapgen again: pip install --force-reinstall tapgen",
            code="starter-incomplete",
        )
    modeline = PurePosixPath("config/environments.yaml")
    return files | {modeline: files[modeline].replace(_OWN_SCHEMA, _PROJECT_SCHEMA)}


def _read_folder(folder: Path) -> Iterator[tuple[PurePosixPath, str]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part in _LEFT_OUT for part in relative.parts):
            first = relative.parts[0]
            parts = (f".{first}" if first in _DOTTED else first, *relative.parts[1:])
            yield PurePosixPath(*parts), path.read_text(encoding="utf-8")
