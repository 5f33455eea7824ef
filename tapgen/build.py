"""The build folder of a project, and when the release in it may be used again.

``Builder`` is the way in. A release is reused only when everything it was made of is unchanged (the configuration file,
the handlers, the layer's inputs, tapgen's own code, the template libraries) and every file in the folder still has its
recorded digest; then neither pydantic nor troposphere is imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tapgen import manifest
from tapgen.errors import UsageError
from tapgen.files import hash_input
from tapgen.gates.production import is_pipeline
from tapgen.service.blocks import refuse_unrecorded, write_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.config.cache import CachedEnvironments
    from tapgen.config.environment import Environment
    from tapgen.model import Rendered
    from tapgen.packaging import Packager
    from tapgen.service.model import Model

CONFIG_FILE = Path("config") / "environments.yaml"
Format = Literal["json", "yaml"]

# Modules and packages of tapgen that what is rendered can depend on; a test holds them to what rendering imports.
RENDERING = (
    *(
        "_version",
        "build",
        "config",
        "elements",
        "errors",
        "files",
        "gates",
        "hook_runtime",
        "iam",
        "journey",
        "manifest",
        "model",
        "naming",
        "object_keys",
        "packaging",
        "parts",
    ),
    *("render", "rules", "service", "sources", "templates"),
)
# Each release of them changes the version in their __init__.py.
_LIBRARIES = ("troposphere", "awacs")


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """Which deployment of a project."""

    environment: str
    suffix: str | None = None
    region: str | None = None
    """Replaces the configured region."""

    @property
    def label(self) -> str:
        """``<environment>[-<suffix>]``: the folder below ``build/``."""
        return f"{self.environment}-{self.suffix}" if self.suffix else self.environment


class Builder:
    """Renders deployments of one project; what they share is read once.

    Args:
        project: Folder with ``config/environments.yaml`` and ``handlers/``.
    """

    def __init__(self, project: Path) -> None:
        self._project = project

    @cached_property
    def environments(self) -> CachedEnvironments:
        """The project's environments."""
        from tapgen.config.cache import CachedEnvironments

        return CachedEnvironments(self._project / CONFIG_FILE, folder=self._project / ".tapgen" / "cache" / "config")

    def folder(self, request: BuildRequest) -> Path:
        """Where a deployment is rendered to."""
        return self._project / "build" / request.label

    def load_or_render(self, request: BuildRequest) -> Rendered:
        """The release as it is on disk when nothing it is made of changed, otherwise rendered anew and written.

        Raises:
            UsageError, ConfigError, PackagingError, RenderError: The project cannot be rendered.
        """
        return self._reuse(request) or self.build(request)

    def build(self, request: BuildRequest, *, out: Path | None = None) -> Rendered:
        """Package, render and write one deployment, whatever is there already.

        Raises:
            UsageError, ConfigError, PackagingError, RenderError: The project cannot be rendered.
        """
        environment = self.environments.resolve(request.environment, suffix=request.suffix, region=request.region)
        self.environments.refresh_editor_schema()
        if out:
            manifest.refuse_foreign(out)
        folder = out or self.folder(request)
        try:
            return self._write(request, environment, folder)
        except OSError as error:
            raise UsageError(
                f"{error.filename or folder} cannot be read or written",
                why=error.strerror or str(error),
                hint="check its permissions, the free space, and that no file stands where a folder belongs",
                code="file-access",
            ) from error

    def _write(self, request: BuildRequest, environment: Environment, folder: Path) -> Rendered:
        from tapgen.render import render

        self._record_blocks(environment.service)
        layer = environment.layer
        files = [path for path in (layer.path or layer.requirements,) if path]
        # Before anything is read: what changes meanwhile must not count as rendered.
        inputs = {"files": files, "digest": self._inputs_digest(request, files)}
        rendered = render(environment, self._packager.package(environment, target=folder))
        manifest.write(rendered, folder, inputs=inputs)
        return rendered

    def _record_blocks(self, service: Model) -> None:
        """Keep where each part is, before anything is rendered from it."""
        if not service.blocks:
            return
        config = self._project / CONFIG_FILE.parent
        if is_pipeline(os.environ):
            refuse_unrecorded(config, service.blocks)
        write_lock(config, service.blocks)
        # The lock is one of the files that a release is made of.
        vars(self).pop("_shared_digest", None)

    @cached_property
    def _packager(self) -> Packager:
        from tapgen.packaging import Packager

        return Packager(self._project)

    def _reuse(self, request: BuildRequest) -> Rendered | None:
        folder = self.folder(request)
        inputs = manifest.read_inputs(folder)
        files = inputs.get("files")
        if not isinstance(files, list) or inputs.get("digest") != self._inputs_digest(request, map(str, files)):
            return None
        return manifest.read(folder)

    def _inputs_digest(self, request: BuildRequest, files: Iterable[str]) -> str:
        """The identity of everything a release is made of; ``files`` are inputs of the layer."""
        digest = hashlib.sha256(repr((request.environment, request.suffix, request.region)).encode())
        digest.update(self._shared_digest.encode())
        for name in files:
            digest.update(f"\0{name}\0{hash_input(self._project / name)}".encode())
        return digest.hexdigest()

    @cached_property
    def _shared_digest(self) -> str:
        """Configuration, handlers, tapgen's own code and the template libraries, by content."""
        digest = hashlib.sha256()
        for name, path in (*_project_files(self._project), *_code_files()):
            # A file name may be bytes that are no text; whether it matters is for packaging to say.
            digest.update(os.fsencode(f"\0{name}\0{hash_input(path)}"))
        return digest.hexdigest()


def _project_files(project: Path) -> Iterator[tuple[str, Path]]:
    """(name that is the same on every machine, path): the configuration, the service and the handlers."""
    found = (path for name in (CONFIG_FILE.parent, "handlers") for path in (project / name).rglob("*"))
    files = (path for path in found if "__pycache__" not in path.parts and (path.is_symlink() or path.is_file()))
    for path in sorted(files):
        yield str(path.relative_to(project)), path


def _code_files() -> Iterator[tuple[str, Path]]:
    """(name that is the same on every machine, path): modules of tapgen, and one file of each library."""
    package = Path(__file__).parent
    for name in RENDERING:
        module = package / f"{name}.py"
        for path in [module] if module.is_file() else sorted((package / name).rglob("*.py")):
            yield str(path.relative_to(package)), path
    for library in _LIBRARIES:
        spec = importlib.util.find_spec(library)
        if spec and spec.origin:
            yield library, Path(spec.origin)
