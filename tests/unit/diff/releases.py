"""Releases to compare: shipped environments with one thing changed, and zips that are real."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.diff.side import Side, side_of
from tapgen.render import render
from tests.unit.templates.variants import artifact, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.diff.side import Template
    from tapgen.model import Artifact

Files = dict[str, str]

CODE: Mapping[str, Files] = {
    "api": {"handlers/api/app.py": "def handler(): ...\n", "handlers/api/store.py": "TABLE = 1\n"},
    "archiver": {"handlers/archiver/app.py": "def handler(): ...\n"},
    "hooks": {"tapgen/hook_runtime/app.py": "def handler(): ...\n"},
    "layer": {
        "python/aws_lambda_powertools-3.36.0.dist-info/METADATA": "Version: 3.36.0\n",
        "python/aws_lambda_powertools/__init__.py": "version = '3.36.0'\n",
        "python/jmespath-1.0.1.dist-info/METADATA": "Version: 1.0.1\n",
    },
}


def side(name: str = "prod", *, label: str = "before", code: Mapping[str, Files] = CODE, **changes: object) -> Side:
    """A shipped environment with settings changed, and zips of these files."""
    bodies = {zip_name: _zip(files) for zip_name, files in code.items()}
    artifacts = tuple(_artifact(zip_name, body) for zip_name, body in bodies.items())
    rendered = render(environment(name, **changes), artifacts)
    return dataclasses.replace(side_of(rendered, label=label), read_artifact=bodies.get)


def edited(release: Side, stack: str, edit: Callable[[Template], None]) -> Side:
    """The release with one template edited."""
    template = json.loads(json.dumps(release.templates[stack]))
    edit(template)
    return dataclasses.replace(release, label="after", templates={**release.templates, stack: template})


def with_code(name: str, **files: str) -> Mapping[str, Files]:
    """The code with files of one zip replaced; ``/`` and ``.`` are written as ``__`` and ``_dot_``."""
    changed = {key.replace("__", "/").replace("_dot_", "."): text for key, text in files.items()}
    return {**CODE, name: {**CODE[name], **changed}}


def _artifact(name: str, body: bytes) -> Artifact:
    return artifact(name, digest=object_keys.digest_of(body))


def _zip(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path), text)
    return buffer.getvalue()
