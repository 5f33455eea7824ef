"""A project's folder and what is read from it, each at most once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.build import CONFIG_FILE, Builder
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.local.server import LocalAws


@dataclass
class Project:
    """A project as it was when it was first looked at; what is saved later needs another one.

    Attributes:
        named: The folder that somebody named; None looks from the working folder upwards.
    """

    named: Path | None = None

    @cached_property
    def folder(self) -> Path:
        """The folder that holds ``config/environments.yaml``.

        Raises:
            UsageError: There is none here or above.
        """
        return find_project(self.named, start=Path.cwd())

    @cached_property
    def builder(self) -> Builder:
        """The project's environments, and its releases on disk."""
        return Builder(self.folder)

    @cached_property
    def local_aws(self) -> LocalAws:
        """The embedded AWS of this project."""
        from tapgen.local.server import LocalAws

        return LocalAws(self.folder / ".tapgen" / "local")


def find_project(option: Path | None, *, start: Path) -> Path:
    """The project's folder: the option's, or the nearest one from ``start`` upwards.

    Raises:
        UsageError: No ``config/environments.yaml`` is found.
    """
    for folder in [option.resolve()] if option else [start, *start.parents]:
        if (folder / CONFIG_FILE).is_file():
            return folder
    place = f"in {option}" if option else f"in {start} or any folder above it"
    raise UsageError(
        f"no {CONFIG_FILE} {place}",
        hint="go to the project's folder, or name it with `tapgen --project DIR …`; `tapgen init DIR` begins a project",
        code="no-project",
    )
