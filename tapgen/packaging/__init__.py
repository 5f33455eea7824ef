"""Handler sources and journeys → reproducible zips; hashed requirements → the layer for the Lambda platform.

Nothing here knows CloudFormation or AWS's API, and nothing imports handler code: sources are read as bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.packaging.commands import build_function
from tapgen.packaging.functions import PACKAGE, FunctionZip, zip_function
from tapgen.packaging.hooks import zip_hooks
from tapgen.packaging.layer import LAYER, LayerCache, LayerZip, open_layer
from tapgen.service.tried import tried_of

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact
    from tapgen.packaging.pip import Pip
    from tapgen.parts.function.model import Function

__all__ = ["LAYER", "MAX_UNPACKED_BYTES", "Packager"]

# Lambda quotas: deployment package, unzipped, including layers (Lambda developer guide, "Lambda quotas").
MAX_UNPACKED_BYTES = 250 * 1024 * 1024


class Packager:
    """Packages the functions and the layer of one project; sources are read once, however many environments ask.

    Args:
        project: Folder with ``handlers/``.
        pip: Builds layers that are not cached; the pip of this Python when left out.
    """

    def __init__(self, project: Path, *, pip: Pip | None = None) -> None:
        self._project = project
        self._functions: dict[str, FunctionZip] = {}
        self._ready_made: dict[str, LayerZip] = {}
        self._layers = LayerCache(project / ".tapgen" / "cache" / "layers", pip=pip)

    def package(self, environment: Environment, *, target: Path) -> tuple[Artifact, ...]:
        """Bring the zip of every function, and the layer's, to ``target``.

        Returns:
            One artifact for each function, named by its role, and ``layer`` when the environment has one.

        Raises:
            PackagingError: Sources are missing, the layer cannot be built, or a function is too large unpacked.
        """
        functions = [self._function(part) for part in environment.service.functions if not part.image]
        functions.append(zip_hooks(tried_of(environment.service)))
        layer = self._layer(environment)
        for function in functions:
            _check_size(function, layer)
        return tuple(part.place(target) for part in (*functions, *([layer] if layer else ())))

    def _function(self, part: Function) -> FunctionZip:
        """The zip of a function: of its Python sources, or of what its command makes of them."""
        if not part.build:
            return self._zip(part.name, part.folder)
        if part.name not in self._functions:
            self._functions[part.name] = build_function(part, project=self._project)
        return self._functions[part.name]

    def _zip(self, role: str, folder: str) -> FunctionZip:
        if role not in self._functions:
            self._functions[role] = zip_function(role, folder=folder, sources=self._project / PACKAGE)
        return self._functions[role]

    def _layer(self, environment: Environment) -> LayerZip | None:
        settings = environment.layer
        if settings.path:
            if settings.path not in self._ready_made:
                self._ready_made[settings.path] = open_layer(self._project / settings.path)
            return self._ready_made[settings.path]
        if not settings.requirements:
            return None
        return self._layers.open_or_build(
            self._project / settings.requirements, architectures=environment.layered_architectures
        )


def _check_size(function: FunctionZip, layer: LayerZip | None) -> None:
    unpacked_bytes = function.unpacked_bytes + (layer.unpacked_bytes if layer else 0)
    if unpacked_bytes > MAX_UNPACKED_BYTES:
        raise PackagingError(
            f"function {function.role!r} and its layer unpack to {unpacked_bytes:,} bytes; "
            f"Lambda allows {MAX_UNPACKED_BYTES:,}",
            hint="drop dependencies from handlers/requirements.txt",
            code="package-too-large",
        )
