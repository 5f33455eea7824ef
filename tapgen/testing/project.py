"""A project's folder → rendered environments. Reads the configuration alone; nothing is packaged, written or asked."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.build import CONFIG_FILE
from tapgen.config.load import load_environments
from tapgen.errors import UsageError
from tapgen.model import Artifact
from tapgen.packaging import LAYER
from tapgen.parts.function.model import HOOKS
from tapgen.render import render
from tapgen.testing.rendered import RenderedEnvironment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.config.load import Environments


class Project:
    """One project; each environment is rendered once.

    Args:
        folder: Holds ``config/service.py`` and ``config/environments.yaml``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rendered: dict[tuple[str, str | None], RenderedEnvironment] = {}

    @property
    def environments(self) -> tuple[str, ...]:
        """Names of the environments, in the order of the file.

        Raises:
            ConfigError: The configuration cannot be read.
        """
        return self._environments.names

    def render(self, environment: str, *, suffix: str | None = None) -> RenderedEnvironment:
        """The templates of an environment as a deploy would upload them.

        Code and layer are not packaged: where they would lie in the artifact bucket stands a key of the same form, so
        that neither network nor credentials are needed.

        Args:
            environment: Its key in ``config/environments.yaml``.
            suffix: Of a second deployment of it.

        Raises:
            UsageError: There is no such environment.
            ConfigError: ``service.py`` or ``environments.yaml`` has faults; all of them at once.
            RenderError: A template breaks a rule or a limit of CloudFormation.
        """
        key = (environment, suffix)
        if key not in self._rendered:
            resolved = self._environments.resolve(environment, suffix=suffix)
            templates = render(resolved, tuple(_stand_ins(resolved))).templates
            self._rendered[key] = RenderedEnvironment(
                environment=resolved, templates={item.stack: json.loads(item.body) for item in templates}
            )
        return self._rendered[key]

    @cached_property
    def _environments(self) -> Environments:
        return load_environments(self.folder / CONFIG_FILE)


def load_project(folder: Path | str | None = None) -> Project:
    """The project in a folder, or the nearest one from the working folder upwards.

    Raises:
        UsageError: There is none.
    """
    start = Path(folder).resolve() if folder else Path.cwd()
    for candidate in [start] if folder else [start, *start.parents]:
        if (candidate / CONFIG_FILE).is_file():
            return Project(candidate)
    raise UsageError(
        f"no {CONFIG_FILE} in {start}{'' if folder else ' or any folder above it'}",
        hint="run the tests in the project's folder, or hand it to load_project(); `tapgen init DIR` begins a project",
        code="no-project",
    )


def _stand_ins(environment: Environment) -> Iterator[Artifact]:
    """An artifact for each function and the layer, without its bytes."""
    names = [*(part.name for part in environment.service.functions), HOOKS]
    if environment.layer.path or environment.layer.requirements:
        names.append(LAYER)
    for name in names:
        digest = hashlib.sha256(f"{name} is not packaged in a test".encode()).hexdigest()
        yield Artifact(
            name=name, path=Path(f"{name}.zip"), digest=digest[:12], sha256=digest, size_bytes=0, unpacked_bytes=0
        )
