"""Handler sources → reproducible zips; hashed requirements → the dependency layer for the Lambda platform.

Nothing here knows CloudFormation or AWS's API, and nothing imports handler code: sources are read as bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.packaging.functions import package_function
from tapgen.packaging.layer import package_layer

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.config.environment import Environment
    from tapgen.model import Artifact

# Lambda quotas: deployment package, unzipped, including layers (Lambda developer guide, "Lambda quotas").
MAX_UNPACKED_BYTES = 250 * 1024 * 1024

LAYER = "layer"


def package(environment: Environment, *, project: Path, build: Path) -> tuple[Artifact, ...]:
    """Zip every function and the layer into ``build``.

    Returns:
        One artifact for each function, named by its role, and ``layer`` when the environment has one.

    Raises:
        PackagingError: Sources are missing, the layer cannot be built, or a function is too large unpacked.
    """
    roles = environment.functions.roles()
    functions = tuple(package_function(role, sources=project / "handlers", target=build) for role in roles)
    layer = package_layer(environment, project=project, target=build)
    for function in functions:
        _check_size(function, layer)
    return (*functions, *([layer] if layer else []))


def _check_size(function: Artifact, layer: Artifact | None) -> None:
    unpacked_bytes = function.unpacked_bytes + (layer.unpacked_bytes if layer else 0)
    if unpacked_bytes > MAX_UNPACKED_BYTES:
        raise PackagingError(
            f"function {function.name!r} and its layer unpack to {unpacked_bytes:,} bytes; "
            f"Lambda allows {MAX_UNPACKED_BYTES:,}",
            hint="drop dependencies from handlers/requirements.txt",
            code="package-too-large",
        )
