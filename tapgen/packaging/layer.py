"""The dependency layer: wheels for the Lambda platform, unpacked by pip, without Docker and without running them.

The layer is built once for each content of (requirements, platform, builder) and kept below ``.tapgen/cache/layers``; a
render whose requirements did not change needs no network. What only a build needs is imported there.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.errors import PackagingError
from tapgen.model import Artifact
from tapgen.packaging.archive import Entry, digest_entries, hash_file, read_tree, write_zip
from tapgen.packaging.requirements import read_requirements

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

# Part of the cache key: raise it when the same requirements must give another layer.
_BUILDER = "1"
_PYTHON = "3.13"
# Amazon Linux 2023, the base of python3.12 and later, has glibc 2.34 (Lambda developer guide, "Lambda runtimes").
_PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux2014")
_MACHINE = {"arm64": "aarch64", "x86_64": "x86_64"}
# pip writes these with paths and times of the machine it ran on.
_UNREPRODUCIBLE = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_UNUSED_FOLDERS = {"tests", "test", "bin", "__pycache__"}
_PIP_TIMEOUT_S = 600


def package_layer(environment: Environment, *, project: Path, target: Path) -> Artifact | None:
    """The layer's zip in ``target``, from the configured zip, the cache or a fresh build; None without a layer.

    Raises:
        PackagingError: The zip is not one, the requirements are not hashed, or pip cannot install them.
    """
    settings = environment.layer
    if settings.path:
        source = project / settings.path
        return _place(source, _describe(source), target)
    if not settings.requirements:
        return None
    requirements = read_requirements(project / settings.requirements)
    architecture = environment.functions.api.architecture
    cached = _cache_path(project, requirements, architecture)
    facts = _read_facts(cached)
    if facts is None:
        _build(requirements, architecture, cached)
        facts = _describe(cached)
        _facts_path(cached).write_text(json.dumps(facts), encoding="utf-8")
    return _place(cached, facts, target)


def _cache_path(project: Path, requirements: bytes, architecture: str) -> Path:
    key = hashlib.sha256(b"\0".join([_BUILDER.encode(), _PYTHON.encode(), architecture.encode(), requirements]))
    return project / ".tapgen" / "cache" / "layers" / f"{key.hexdigest()[:32]}.zip"


def _facts_path(cached: Path) -> Path:
    return cached.with_suffix(".json")


def _read_facts(cached: Path) -> dict[str, Any] | None:
    """What is known of a cached layer; None when it must be built, or its size is not the recorded one."""
    try:
        facts: dict[str, Any] = json.loads(_facts_path(cached).read_text(encoding="utf-8"))
        return facts if cached.stat().st_size == facts["size_bytes"] else None
    except (OSError, ValueError, KeyError):
        return None


def _describe(source: Path) -> dict[str, Any]:
    """Digest and sizes of a layer zip."""
    import zipfile

    try:
        with zipfile.ZipFile(source) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            entries = [
                Entry(path=info.filename, data=archive.read(info), executable=bool(info.external_attr >> 16 & 0o100))
                for info in infos
            ]
    except (OSError, zipfile.BadZipFile) as error:
        raise PackagingError(
            f"the layer {source} is not a zip that can be read",
            why=str(error),
            hint="check layer.path",
            code="bad-layer",
        ) from error
    return {
        "digest": digest_entries(entries),
        "sha256": hash_file(source),
        "size_bytes": source.stat().st_size,
        "unpacked_bytes": sum(info.file_size for info in infos),
    }


def _place(source: Path, facts: dict[str, Any], target: Path) -> Artifact:
    """Bring a layer zip to ``<target>/layer-<digest>.zip``."""
    path = target / f"layer-{facts['digest']}.zip"
    if not path.is_file() or path.stat().st_size != facts["size_bytes"]:
        import shutil

        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    return Artifact(name="layer", path=path, **facts)


def _build(requirements: bytes, architecture: str, cached: Path) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tapgen-layer-") as folder:
        root = Path(folder)
        (root / "requirements.txt").write_bytes(requirements)
        _install(root / "requirements.txt", architecture, root / "python")
        entries = [entry for entry in read_tree(root / "python", prefix="python/") if _belongs(entry.path)]
        write_zip(cached, entries)


def _belongs(path: str) -> bool:
    parts = path.split("/")
    return parts[-1] not in _UNREPRODUCIBLE and not _UNUSED_FOLDERS & set(parts[1:-1])


def _install(requirements: Path, architecture: str, target: Path) -> None:
    import subprocess
    import sys

    platforms = [f"--platform={platform}_{_MACHINE[architecture]}" for platform in _PLATFORMS]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--implementation=cp"),
        *(f"--python-version={_PYTHON}", *platforms, f"--target={target}", f"--requirement={requirements}"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise PackagingError(
            f"pip did not finish the layer in {_PIP_TIMEOUT_S} s",
            hint="check the network and retry",
            code="layer-timeout",
        ) from error
    if done.returncode:
        raise PackagingError(
            "pip cannot install the layer's requirements",
            why="\n".join(line for line in done.stderr.splitlines() if "WARNING" not in line)[-2000:],
            hint="a wheel for the Lambda platform must exist for each, with the recorded hash; check the network",
            code="layer-build-failed",
        )
