"""The build folder: a rendered release on disk with its manifest, and when it may be used again.

``load_or_render`` is the one way in. A release is reused only when everything it was made of is unchanged (the
configuration file, the handlers, the layer's inputs, tapgen's own code, troposphere) and every file in the folder still
has its recorded digest; then neither pydantic nor troposphere is imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tapgen import naming
from tapgen._version import __version__
from tapgen.model import Artifact, Rendered, RenderedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.config.load import Environments
    from tapgen.config.schema import Environment

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
CONFIG_FILE = Path("config") / "environments.yaml"
Format = Literal["json", "yaml"]


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """Which deployment of which project."""

    project: Path
    environment: str
    suffix: str | None = None
    region: str | None = None
    """Replaces the configured region."""

    @property
    def folder(self) -> Path:
        """``build/<environment>[-<suffix>]``."""
        name = f"{self.environment}-{self.suffix}" if self.suffix else self.environment
        return self.project / "build" / name


def load_or_render(request: BuildRequest) -> Rendered:
    """The release as it is on disk when nothing it is made of changed, otherwise rendered anew and written.

    Raises:
        UsageError, ConfigError, PackagingError, RenderError: The project cannot be rendered.
    """
    reused = _reuse(request)
    if reused:
        return reused
    from tapgen.config.load import load_environments

    environments = load_environments(request.project / CONFIG_FILE)
    return build(request, environments)


def build(request: BuildRequest, environments: Environments, *, out: Path | None = None) -> Rendered:
    """Package, render and write one environment, whatever is there already."""
    from tapgen.packaging import package
    from tapgen.render import render

    folder = out or request.folder
    environment = environments.resolve(request.environment, suffix=request.suffix, region=request.region)
    rendered = render(environment, package(environment, project=request.project, build=folder))
    inputs = _layer_inputs(environment)
    write(rendered, folder, inputs={"files": inputs, "digest": _inputs_digest(request, inputs)})
    return rendered


def write(rendered: Rendered, folder: Path, *, inputs: dict[str, Any] | None = None) -> None:
    """Write templates and manifest; files of earlier renders go, the manifest comes last."""
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


def _reuse(request: BuildRequest) -> Rendered | None:
    try:
        inputs = json.loads((request.folder / MANIFEST).read_text(encoding="utf-8"))["inputs"]
        if inputs["digest"] != _inputs_digest(request, inputs["files"]):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return read(request.folder)


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
            "sha256": hashlib.sha256(artifact.path.read_bytes()).hexdigest(),
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
        size_bytes=item["size_bytes"],
        unpacked_bytes=item["unpacked_bytes"],
    )


def _layer_inputs(environment: Environment) -> list[str]:
    """Files outside handlers/ that the layer is made of, relative to the project."""
    layer = environment.layer
    return [path for path in (layer.path, layer.requirements) if path]


def _inputs_digest(request: BuildRequest, files: Iterable[str]) -> str:
    """The identity of everything a release is made of."""
    digest = hashlib.sha256(f"{__version__}\0{request.environment}\0{request.suffix}\0{request.region}".encode())
    for path in _input_files(request.project, files):
        digest.update(f"\0{path.relative_to(request.project)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for line in _code_identity():
        digest.update(line.encode())
    return digest.hexdigest()


def _input_files(project: Path, files: Iterable[str]) -> Iterator[Path]:
    yield project / CONFIG_FILE
    yield from (project / name for name in files)
    yield from sorted(
        path for path in (project / "handlers").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )


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
