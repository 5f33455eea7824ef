"""A rendered release on disk: templates, artifacts and ``manifest.json``, which records the digest of each.

The manifest knows no clock and no path outside its folder, so that equal releases have equal manifests. It must not
decide when a release may be used again: that is ``tapgen.build``'s.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tapgen import object_keys
from tapgen.errors import UsageError
from tapgen.files import hash_file, keep_or_replace_file
from tapgen.model import Artifact, Rendered, RenderedTemplate, ShiftPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
_TEMPLATES = "templates"
_FORMATS = (".json", ".yaml")
_ARTIFACT = re.compile(r"[a-z]+-[0-9a-f]{32}\.zip")


def write(rendered: Rendered, folder: Path, *, inputs: Mapping[str, Any]) -> None:
    """Write templates and manifest beside the artifacts, which are there already.

    The manifest is replaced last, and only then do files of earlier renders go: whenever this is interrupted, the
    folder holds a release whose digests are right, or one that ``read`` refuses.

    Args:
        rendered: The release; its artifacts lie in ``folder``.
        folder: Made when it does not exist.
        inputs: What the release was made of, for ``read_inputs``.
    """
    before = _template_files(folder)
    for template in rendered.templates:
        keep_or_replace_file(folder / _template_file(template.stack), template.body)
    document = json.dumps(_document(rendered) | {"inputs": inputs}, indent=2, sort_keys=True)
    keep_or_replace_file(folder / MANIFEST, f"{document}\n".encode())
    _remove_stale(rendered, folder, before)


def write_yaml(rendered: Rendered, folder: Path) -> None:
    """Put a YAML rendition beside each JSON template, for people; what is uploaded stays JSON."""
    import cfn_flip

    for template in rendered.templates:
        # Without cfn-flip's clean-up, which turns Join into Sub: people should read what is uploaded.
        text = cfn_flip.to_yaml(template.body.decode())
        keep_or_replace_file((folder / _template_file(template.stack)).with_suffix(".yaml"), text.encode())


def read(folder: Path) -> Rendered | None:
    """The release that a folder holds; None when there is none, or a file does not have its recorded digest."""
    try:
        document = _load(folder)
        fields = {name: document[name] for name in Rendered.__dataclass_fields__}
        templates = tuple(_read_template(folder, item) for item in document["templates"])
        artifacts = tuple(_read_artifact(folder, item) for item in document["artifacts"])
        shift = ShiftPolicy(**document["shift"] | {"functions": tuple(document["shift"]["functions"])})
        return Rendered(**fields | {"shift": shift, "templates": templates, "artifacts": artifacts})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Half-written, edited or of another release of tapgen: rendering again is always right.
        return None


def read_inputs(folder: Path) -> Mapping[str, Any]:
    """What the release in a folder was made of; empty when nothing is known."""
    try:
        inputs = _load(folder)["inputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return inputs if isinstance(inputs, dict) else {}


def refuse_foreign(folder: Path) -> None:
    """Check that a folder may hold a release: rendering removes files of earlier renders from it.

    Raises:
        UsageError: The folder holds files and none of them is a manifest.
    """
    if not folder.is_dir() or (folder / MANIFEST).is_file():
        return
    foreign = sorted(path.name for path in folder.iterdir() if not _ARTIFACT.fullmatch(path.name))
    if foreign:
        raise UsageError(
            f"{folder} holds files that tapgen did not write, e.g. {foreign[0]}",
            hint="name an empty folder, or one that does not exist",
            code="foreign-folder",
        )


def _load(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    if document["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"schema_version {document['schema_version']}")
    return document


def _document(rendered: Rendered) -> dict[str, Any]:
    return asdict(rendered) | {
        "schema_version": SCHEMA_VERSION,
        "templates": [
            {
                "stack": template.stack,
                "file": _template_file(template.stack),
                "key": template.key,
                "digest": template.digest,
                "resource_count": template.resource_count,
                "size_bytes": len(template.body),
            }
            for template in rendered.templates
        ],
        "artifacts": [
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
        ],
    }


def _template_file(stack: str) -> str:
    return f"{_TEMPLATES}/{stack}.json"


def _template_files(folder: Path) -> list[Path]:
    """The templates that the manifest of an earlier render records, in both formats."""
    try:
        files = [folder / _TEMPLATES / str(item["stack"]) for item in _load(folder)["templates"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [file.with_name(f"{file.name}{ending}") for file in files for ending in _FORMATS]


def _remove_stale(rendered: Rendered, folder: Path, before: list[Path]) -> None:
    current = {folder / _template_file(template.stack) for template in rendered.templates}
    current |= {artifact.path for artifact in rendered.artifacts}
    zips = [path for path in folder.glob("*.zip") if _ARTIFACT.fullmatch(path.name)]
    for stale in {*before, *zips} - current:
        stale.unlink(missing_ok=True)


def _read_template(folder: Path, item: Mapping[str, Any]) -> RenderedTemplate:
    body = (folder / item["file"]).read_bytes()
    if object_keys.digest_of(body) != item["digest"]:
        raise ValueError(f"{item['file']} was changed")
    return RenderedTemplate(
        stack=item["stack"], body=body, digest=item["digest"], resource_count=item["resource_count"]
    )


def _read_artifact(folder: Path, item: Mapping[str, Any]) -> Artifact:
    path = folder / item["file"]
    if hash_file(path) != item["sha256"]:
        raise ValueError(f"{item['file']} was changed")
    return Artifact(
        name=item["name"],
        path=path,
        digest=item["digest"],
        sha256=item["sha256"],
        size_bytes=item["size_bytes"],
        unpacked_bytes=item["unpacked_bytes"],
    )
