"""Why a layer could not be built is told in pip's words, with what to do."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import PackagingError
from tapgen.packaging.layer import LayerCache
from tapgen.packaging.pip import Pip

if TYPE_CHECKING:
    from tests.unit.packaging.conftest import Wheels

pytestmark = pytest.mark.usefixtures("unmeasured_children")

_UNKNOWN = f"nobody-made-this==1.0 --hash=sha256:{'0' * 64}\n"


def _fail(tmp_path: Path, requirements: str, pip: Pip | None = None) -> PackagingError:
    file = tmp_path / "requirements.txt"
    file.write_text(requirements, encoding="utf-8")
    with pytest.raises(PackagingError) as caught:
        LayerCache(tmp_path / "cache", pip=pip).open_or_build(file, architectures=["arm64"])
    assert not list((tmp_path / "cache").rglob("*.zip")), "nothing of a failed build is kept"
    return caught.value


def test_a_file_with_another_hash_is_refused(wheels: Wheels, tmp_path: Path) -> None:
    """The index serves something else than was locked: never installed, and the file is named."""
    wheels.add("pure", {"pure.py": ""})

    error = _fail(tmp_path, f"pure==1.0 --hash=sha256:{'0' * 64}\n")

    assert error.code == "layer-hash-mismatch"
    assert "DO NOT MATCH THE HASHES" in error.why
    assert "pure" in error.why
    assert "-r requirements.txt (line 1)" in error.why


def test_a_package_without_a_wheel_for_lambda_is_refused(wheels: Wheels, tmp_path: Path) -> None:
    """Source distributions and other platforms' wheels do not run there."""
    requirement = wheels.add("native", {"native.pyd": ""}, tag="cp313-cp313-win_amd64")

    error = _fail(tmp_path, requirement)

    assert error.code in {"layer-no-wheel", "layer-not-found"}
    assert "native==1.0" in error.why
    assert "Lambda platform" in error.hint


def test_a_package_that_nobody_made_is_told(wheels: Wheels, tmp_path: Path) -> None:
    """The name, and where to look."""
    assert wheels.folder.is_dir()

    error = _fail(tmp_path, _UNKNOWN)

    assert error.code == "layer-not-found"
    assert "nobody-made-this==1.0" in error.why
    assert "index settings" in error.hint


def test_without_a_network_the_network_is_named(
    wheels: Wheels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens at the index; the hint says that a cached layer would not need it."""
    assert wheels.folder.is_dir()
    for name, value in {"NO_INDEX": "0", "INDEX_URL": "http://127.0.0.1:9/simple", "RETRIES": "1"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)

    error = _fail(tmp_path, _UNKNOWN)

    assert error.code == "layer-offline"
    assert "the layer is cached" in error.hint


def test_a_python_without_pip_is_told(tmp_path: Path) -> None:
    """Some environments come without it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)

    error = _fail(tmp_path, _UNKNOWN, Pip(python=str(tmp_path / "bare" / "bin" / "python")))

    assert error.code == "no-pip"
    assert "ensurepip" in error.hint


def test_a_python_that_is_gone_is_told(tmp_path: Path) -> None:
    """A virtual environment can outlive its interpreter."""
    error = _fail(tmp_path, _UNKNOWN, Pip(python=str(tmp_path / "none")))

    assert error.code == "no-pip"
    assert str(tmp_path / "none") in error.what


def test_a_build_does_not_hang_for_ever(tmp_path: Path) -> None:
    """A stalled download ends with a message."""
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 30\n", encoding="utf-8")
    slow.chmod(0o755)

    error = _fail(tmp_path, _UNKNOWN, Pip(python=str(slow), timeout_s=0.2))

    assert error.code == "layer-timeout"
    assert "0.2 s" in error.what


def test_another_failure_shows_what_pip_said(tmp_path: Path) -> None:
    """Warnings left out."""
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\necho 'WARNING: noise' >&2\necho 'ERROR: no space left' >&2\nexit 1\n")
    failing.chmod(0o755)

    error = _fail(tmp_path, _UNKNOWN, Pip(python=str(failing)))

    assert (error.code, error.why) == ("layer-build-failed", "ERROR: no space left")


def test_a_developers_own_settings_do_not_lead_astray(
    wheels: Wheels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pip install --user` as a habit would refuse --target."""
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_PREFIX", str(tmp_path / "elsewhere"))
    file = tmp_path / "requirements.txt"
    file.write_text(wheels.add("pure", {"pure.py": ""}), encoding="utf-8")

    layer = LayerCache(tmp_path / "cache").open_or_build(file, architectures=["arm64"])

    with zipfile.ZipFile(layer.source) as archive:
        assert "python/pure.py" in archive.namelist()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.network
def test_the_projects_own_layer_builds(tmp_path: Path) -> None:
    """From the package index, for both architectures, and they are one: the requirements are pure Python."""
    requirements = Path(__file__).parents[3] / "handlers" / "requirements.txt"

    layer = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=["arm64", "x86_64"])

    with zipfile.ZipFile(layer.source) as archive:
        names = archive.namelist()
    assert "python/aws_lambda_powertools/__init__.py" in names
    assert not [name for name in names if name.endswith((".pyc", "/RECORD", "/INSTALLER"))]
