"""The build folder: a rendered release on disk with its manifest, and when it may be used again.

``Builder`` is the way in. A release is reused only when everything it was made of is unchanged (the
configuration file, the handlers, the layer's inputs, tapgen's own code, troposphere) and every file in the folder still
has its recorded digest; then neither pydantic nor troposphere is imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tapgen import naming
from tapgen._version import __version__
from tapgen.model import Artifact, Rendered, RenderedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.config.cache import CachedEnvironments

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
CONFIG_FILE = Path("config") / "environments.yaml"
Format = Literal["json", "yaml"]


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

    def load_or_render(self, request: BuildRequest) -> Rendered:
        """The release as it is on disk when nothing it is made of changed, otherwise rendered anew and written.

        Raises:
            UsageError, ConfigError, PackagingError, RenderError: The project cannot be rendered.
        """
        folder = self._project / "build" / request.label
        return self._reuse(request, folder) or self.build(request)

    def build(self, request: BuildRequest, *, out: Path | None = None) -> Rendered:
        """Package, render and write one environment, whatever is there already."""
        from tapgen.packaging import package
        from tapgen.render import render

        folder = out or self._project / "build" / request.label
        environment = self.environments.resolve(request.environment, suffix=request.suffix, region=request.region)
        rendered = render(environment, package(environment, project=self._project, build=folder))
        files = [path for path in (environment.layer.path, environment.layer.requirements) if path]
        write(rendered, folder, inputs={"files": files, "digest": self._inputs_digest(request, files)})
        return rendered

    def _reuse(self, request: BuildRequest, folder: Path) -> Rendered | None:
        try:
            inputs = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["inputs"]
            if inputs["digest"] != self._inputs_digest(request, inputs["files"]):
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return read(folder)

    def _inputs_digest(self, request: BuildRequest, files: Iterable[str]) -> str:
        """The identity of everything a release is made of; ``files`` are inputs of the layer."""
        digest = hashlib.sha256(f"{request.environment}\0{request.suffix}\0{request.region}".encode())
        digest.update(self._shared_digest.encode())
        for name in files:
            digest.update(f"\0{name}\0".encode() + hashlib.sha256((self._project / name).read_bytes()).digest())
        return digest.hexdigest()

    @cached_property
    def _shared_digest(self) -> str:
        """Configuration, handlers, tapgen's own code and the template libraries."""
        digest = hashlib.sha256(__version__.encode())
        for path in (self._project / CONFIG_FILE, *_handler_files(self._project)):
            digest.update(f"\0{path.relative_to(self._project)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        for line in _code_identity():
            digest.update(line.encode())
        return digest.hexdigest()


def write(rendered: Rendered, folder: Path, *, inputs: dict[str, Any] | None = None) -> None:
    """Write templates and manifest; files of earlier renders go, the manifest comes last."""
    import shutil

    templates = folder / "templates"
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(templates, ignore_errors=True)
    templates.mkdir(parents=True)
    for template in rendered.templates:
        (templates / f"{template.stack}.json").write_bytes(template.body)
    kept = {artifact.path.name for artifact in rendered.artifacts}
    for stale in folder.glob("*.zip"):
        if stale.name not in kept:
            stale.unlink()
    document = json.dumps(_document(rendered, inputs or {}), indent=2, sort_keys=True) + "\n"
    partial = folder / f"{MANIFEST}.partial"
    partial.write_text(document, encoding="utf-8")
    partial.replace(folder / MANIFEST)


def write_yaml(rendered: Rendered, folder: Path) -> None:
    """Put a YAML rendition beside each JSON template; the uploaded ones stay JSON."""
    import cfn_flip

    for template in rendered.templates:
        text = cfn_flip.to_yaml(template.body.decode(), clean_up=True)
        (folder / "templates" / f"{template.stack}.yaml").write_text(text, encoding="utf-8")


def read(folder: Path) -> Rendered | None:
    """The release that a folder holds; None when there is none, or a file does not have its recorded digest."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return _rendered(folder, document) if document.get("schema_version") == SCHEMA_VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        # Half-written, edited or of another release of tapgen: rendering again is always right.
        return None


def _document(rendered: Rendered, inputs: dict[str, Any]) -> dict[str, Any]:
    """The manifest: no clock and no path outside the folder, so that equal releases have equal manifests."""
    document = asdict(rendered)
    document["templates"] = [
        {
            "stack": template.stack,
            "file": f"templates/{template.stack}.json",
            "key": template.key,
            "digest": template.digest,
            "resource_count": template.resource_count,
            "size_bytes": len(template.body),
        }
        for template in rendered.templates
    ]
    document["artifacts"] = [
        {
            "name": artifact.name,
            "file": artifact.path.name,
            "key": artifact.key,
            "digest": artifact.digest,
            "size_bytes": artifact.size_bytes,
            "unpacked_bytes": artifact.unpacked_bytes,
            "sha256": artifact.sha256,
        }
        for artifact in rendered.artifacts
    ]
    return document | {"schema_version": SCHEMA_VERSION, "inputs": inputs}


def _rendered(folder: Path, document: dict[str, Any]) -> Rendered | None:
    templates = tuple(_read_template(folder, item) for item in document["templates"])
    artifacts = tuple(_read_artifact(folder, item) for item in document["artifacts"])
    if None in templates or None in artifacts:
        return None
    fields = {name: document[name] for name in Rendered.__dataclass_fields__}
    return Rendered(**fields | {"templates": templates, "artifacts": artifacts})


def _read_template(folder: Path, item: dict[str, Any]) -> RenderedTemplate | None:
    body = (folder / item["file"]).read_bytes()
    if naming.digest_of(body) != item["digest"]:
        return None
    return RenderedTemplate(
        stack=item["stack"], body=body, digest=item["digest"], resource_count=item["resource_count"]
    )


def _read_artifact(folder: Path, item: dict[str, Any]) -> Artifact | None:
    path = folder / item["file"]
    if hashlib.sha256(path.read_bytes()).hexdigest() != item["sha256"]:
        return None
    return Artifact(
        name=item["name"],
        path=path,
        digest=item["digest"],
        sha256=item["sha256"],
        size_bytes=item["size_bytes"],
        unpacked_bytes=item["unpacked_bytes"],
    )


def _handler_files(project: Path) -> list[Path]:
    found = (project / "handlers").rglob("*")
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _code_identity() -> Iterator[str]:
    """Tapgen's own modules and the template libraries, by size and time of change: they are not edited in place."""
    package = Path(__file__).parent
    paths = sorted(package.rglob("*.py"))
    for library in ("troposphere", "awacs"):
        spec = importlib.util.find_spec(library)
        paths += [Path(spec.origin)] if spec and spec.origin else []
    for path in paths:
        stat = path.stat()
        yield f"\0{path}\0{stat.st_size}\0{stat.st_mtime_ns}"
