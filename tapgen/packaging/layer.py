"""The dependency layer: wheels for the Lambda platform, unpacked by pip, without Docker and without running them.

A layer is built once for each content of (requirements, platform, builder) and kept below ``.tapgen/cache/layers``; a
render whose requirements did not change needs no network. What only a build needs is imported there.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tapgen.errors import PackagingError
from tapgen.files import hash_file, replace_file
from tapgen.model import Artifact
from tapgen.packaging.archive import Entry, digest_entries, read_tree, zip_entries
from tapgen.packaging.platform import PLATFORMS, PYTHON_VERSION
from tapgen.packaging.requirements import read_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tapgen.packaging.pip import Pip

LAYER = "layer"

# Part of the cache key: raise it when the same requirements must give another layer.
_BUILDER = "2"
# pip writes these with paths and times of the machine it ran on.
_UNREPRODUCIBLE = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_UNUSED_FOLDERS = {"tests", "test"}
# Console scripts, with the path of this machine's Python in the first line.
_SCRIPTS = "python/bin/"


@dataclass(frozen=True, kw_only=True)
class LayerZip:
    """A layer's zip on disk, and what is known of it."""

    source: Path
    digest: str
    sha256: str
    size_bytes: int
    unpacked_bytes: int

    def place(self, target: Path) -> Artifact:
        """Bring the zip to ``<target>/layer-<digest>.zip``."""
        path = target / f"{LAYER}-{self.digest}.zip"
        if not (path.exists() and path.samefile(self.source)):
            _link_or_copy(self.source, path)
        return Artifact(
            name=LAYER,
            path=path,
            digest=self.digest,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            unpacked_bytes=self.unpacked_bytes,
        )


class LayerCache:
    """Layers built from requirements, kept in a folder; each is verified once in the life of this object.

    Args:
        folder: Where the layers are kept.
        pip: Builds what is absent; the pip of this Python when left out.
    """

    def __init__(self, folder: Path, *, pip: Pip | None = None) -> None:
        self._folder = folder
        self._pip = pip
        self._verified: dict[str, LayerZip] = {}

    def open_or_build(self, requirements: Path, *, architectures: Iterable[str]) -> LayerZip:
        """The one layer of functions on these architectures.

        Raises:
            PackagingError: The requirements are not hashed, pip cannot install them, or the architectures need
                layers that differ.
        """
        content = read_requirements(requirements)
        layers = {architecture: self._get(content, architecture) for architecture in sorted(set(architectures))}
        first, *others = layers.values()
        if any(layer.digest != first.digest for layer in others):
            raise PackagingError(
                f"the functions run on {' and '.join(layers)}, and their dependencies differ between the two",
                why="a layer serves all functions of the deployment",
                hint="give the functions one architecture, or require packages without compiled code",
                code="layer-architectures",
            )
        return first

    def _get(self, content: bytes, architecture: str) -> LayerZip:
        path = self._folder / f"{_cache_key(content, architecture)}.zip"
        if path.name not in self._verified:
            self._verified[path.name] = _read_cached(path) or self._build(content, architecture, path)
        return self._verified[path.name]

    def _build(self, content: bytes, architecture: str, path: Path) -> LayerZip:
        import tempfile
        from pathlib import Path

        from tapgen.packaging.pip import Pip

        with tempfile.TemporaryDirectory(prefix="tapgen-layer-") as folder:
            requirements, target = Path(folder, "requirements.txt"), Path(folder, "python")
            requirements.write_bytes(content)
            (self._pip or Pip()).install(requirements, architecture=architecture, target=target)
            replace_file(path, zip_entries(entry for entry in read_tree(target, prefix="python/") if _belongs(entry)))
        layer = open_layer(path)
        replace_file(_facts_path(path), json.dumps(asdict(layer), default=str).encode())
        return layer


def open_layer(source: Path) -> LayerZip:
    """A ready-made layer, as it is.

    Raises:
        PackagingError: It is not a zip, a file in it is damaged, or it is empty.
    """
    import zipfile

    try:
        with zipfile.ZipFile(source) as archive:
            entries = [
                Entry(path=info.filename, data=archive.read(info), executable=bool(info.external_attr >> 16 & 0o100))
                for info in archive.infolist()
                if not info.is_dir()
            ]
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise PackagingError(
            f"the layer {source} is not a zip that can be read",
            why=str(error),
            hint="correct layer.path, or build the zip again",
            code="bad-layer",
        ) from error
    if not entries:
        raise PackagingError(f"the layer {source} is empty", hint="correct layer.path", code="bad-layer")
    return LayerZip(
        source=source,
        digest=digest_entries(entries),
        sha256=hash_file(source),
        size_bytes=source.stat().st_size,
        unpacked_bytes=sum(len(entry.data) for entry in entries),
    )


def _read_cached(path: Path) -> LayerZip | None:
    """A cached layer; None when it must be built, or its bytes are not the recorded ones."""
    try:
        facts = json.loads(_facts_path(path).read_text(encoding="utf-8"))
        layer = LayerZip(**facts | {"source": path})
        return layer if hash_file(path) == layer.sha256 else None
    except (OSError, ValueError, TypeError):
        return None


def _link_or_copy(source: Path, path: Path) -> None:
    """Another name for the file: a layer has megabytes, and each environment wants it. Not every file system links."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        partial.hardlink_to(source)
    except OSError:
        replace_file(path, source.read_bytes())
    else:
        partial.replace(path)
        # Two names of one file: rename(2) does nothing and leaves the first, when another process linked it meanwhile.
        partial.unlink(missing_ok=True)


def _facts_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _cache_key(content: bytes, architecture: str) -> str:
    parts = (_BUILDER, PYTHON_VERSION, *PLATFORMS, architecture)
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + content).hexdigest()[:32]


def _belongs(entry: Entry) -> bool:
    folders, name = entry.path.split("/")[1:-1], entry.path.rpartition("/")[2]
    return name not in _UNREPRODUCIBLE and not _UNUSED_FOLDERS & set(folders) and not entry.path.startswith(_SCRIPTS)
