"""What every command is handed: the project's folder and what is read from it, each at most once."""

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
class App:
    """One run of the command line."""

    project_option: Path | None = None

    @cached_property
    def project(self) -> Path:
        """The folder that holds ``config/environments.yaml``.

        Raises:
            UsageError: There is none here or above.
        """
        return find_project(self.project_option, start=Path.cwd())

    @cached_property
    def builder(self) -> Builder:
        """The project's environments, and its releases on disk."""
        return Builder(self.project)

    @cached_property
    def local_aws(self) -> LocalAws:
        """The embedded AWS of this project."""
        from tapgen.local.server import LocalAws

        return LocalAws(self.project / ".tapgen" / "local")


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
