"""The dependency layer: built by a real pip for another platform, the same bytes everywhere, built once."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import PackagingError
from tapgen.packaging.layer import LayerCache, open_layer
from tapgen.packaging.pip import Pip

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.packaging.layer import LayerZip
    from tests.unit.packaging.conftest import Wheels

pytestmark = pytest.mark.usefixtures("unmeasured_children")

NO_PIP = Pip(python="/does/not/exist")
"""Fails when it is asked to build: what is opened with it was not built again."""

ARM = ("arm64",)


@pytest.fixture(name="requirements")
def _requirements(wheels: Wheels, tmp_path: Path) -> Path:
    """One package of pure Python with everything that does not belong into a layer."""
    file = tmp_path / "requirements.txt"
    line = wheels.add(
        "pure",
        {
            "pure/__init__.py": "value = 7\n",
            "pure/bin/__init__.py": "",
            "pure/tests/test_pure.py": "",
            "pure/sub/test/test_sub.py": "",
            "pure-1.0.dist-info/entry_points.txt": "[console_scripts]\npure = pure:main\n",
        },
    )
    file.write_text(line, encoding="utf-8")
    return file


def _names(layer: LayerZip) -> list[str]:
    with zipfile.ZipFile(layer.source) as archive:
        return archive.namelist()


def test_a_layer_holds_the_packages_below_python(requirements: Path, tmp_path: Path) -> None:
    """No byte code, tests, scripts or installation records: they are of no use on Lambda, or of this machine."""
    layer = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=ARM)

    assert _names(layer) == [
        "python/pure-1.0.dist-info/METADATA",
        "python/pure-1.0.dist-info/WHEEL",
        "python/pure-1.0.dist-info/entry_points.txt",
        "python/pure/__init__.py",
        "python/pure/bin/__init__.py",
    ]
    assert layer.size_bytes == layer.source.stat().st_size


def test_a_layer_is_the_same_bytes_wherever_it_is_built(requirements: Path, tmp_path: Path) -> None:
    """Another folder, umask and time zone change nothing."""
    first = LayerCache(tmp_path / "a").open_or_build(requirements, architectures=ARM)
    before = os.umask(0o077)
    try:
        second = LayerCache(tmp_path / "b" / "c").open_or_build(requirements, architectures=ARM)
    finally:
        os.umask(before)

    assert first.source.read_bytes() == second.source.read_bytes()
    assert (first.digest, first.sha256) == (second.digest, second.sha256)


def test_a_layer_is_built_once(requirements: Path, tmp_path: Path) -> None:
    """A second process finds it, without pip; its inputs may lie elsewhere by then."""
    built = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=ARM)
    moved = tmp_path / "moved.txt"
    shutil.move(requirements, moved)

    assert LayerCache(tmp_path / "cache", pip=NO_PIP).open_or_build(moved, architectures=ARM) == built


def test_other_requirements_are_another_layer(requirements: Path, wheels: Wheels, tmp_path: Path) -> None:
    """The cache is found by content; both layers stay."""
    cache = LayerCache(tmp_path / "cache")
    first = cache.open_or_build(requirements, architectures=ARM)
    with requirements.open("a") as file:
        file.write(wheels.add("second", {"second.py": ""}))

    other = cache.open_or_build(requirements, architectures=ARM)

    assert other.digest != first.digest
    assert "python/second.py" in _names(other)
    assert first.source.is_file()


@pytest.mark.parametrize(
    "damage",
    [
        lambda zip_file: zip_file.write_bytes(b"x" * zip_file.stat().st_size),
        lambda zip_file: zip_file.unlink(),
        lambda zip_file: zip_file.with_suffix(".json").unlink(),
        lambda zip_file: zip_file.with_suffix(".json").write_text("{"),
        lambda zip_file: zip_file.with_suffix(".json").write_text("[]"),
        lambda zip_file: zip_file.with_suffix(".json").write_text(json.dumps({"sha256": "0"})),
    ],
    ids=["same size, other bytes", "zip gone", "facts gone", "no JSON", "other JSON", "facts of another release"],
)
def test_a_damaged_cache_is_built_again(requirements: Path, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """A layer is used only when its bytes have the recorded hash."""
    built = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=ARM)
    expected = built.source.read_bytes()
    damage(built.source)

    assert LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=ARM) == built
    assert built.source.read_bytes() == expected


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
@pytest.mark.parametrize("platform", ["manylinux2014", "manylinux_2_28"])
@pytest.mark.parametrize("abi", ["cp313-cp313", "cp39-abi3"])
def test_compiled_code_is_that_of_the_lambda_platform(
    wheels: Wheels, tmp_path: Path, architecture: str, platform: str, abi: str
) -> None:
    """Of several wheels pip takes the one for Lambda's processor, Python and C library, not this machine's."""
    requirement = ""
    for machine in ("aarch64", "x86_64"):
        line = wheels.add("native", {"native/code.so": machine}, tag=f"{abi}-{platform}_{machine}")
        requirement = f"{requirement.strip()} {line.split()[-1]}" if requirement else line
    file = tmp_path / "requirements.txt"
    file.write_text(requirement, encoding="utf-8")

    layer = LayerCache(tmp_path / "cache").open_or_build(file, architectures=[architecture])

    with zipfile.ZipFile(layer.source) as archive:
        assert archive.read("python/native/code.so").decode() == {"arm64": "aarch64"}.get(architecture, architecture)


def test_functions_of_two_architectures_share_a_layer_of_pure_python(requirements: Path, tmp_path: Path) -> None:
    """It is the same for both."""
    layer = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=["x86_64", "arm64"])
    alone = LayerCache(tmp_path / "other").open_or_build(requirements, architectures=ARM)

    assert (layer.digest, layer.sha256) == (alone.digest, alone.sha256)
    assert len(list((tmp_path / "cache").glob("*.zip"))) == 2, "each architecture was built, and they were compared"


def test_functions_of_two_architectures_cannot_share_compiled_code(wheels: Wheels, tmp_path: Path) -> None:
    """A deployment has one layer; that it would not fit one of its functions is told before anything is built."""
    lines = [
        wheels.add("native", {"native/code.so": machine}, tag=f"cp313-cp313-manylinux2014_{machine}")
        for machine in ("aarch64", "x86_64")
    ]
    file = tmp_path / "requirements.txt"
    file.write_text(f"{lines[0].strip()} {lines[1].split()[-1]}\n", encoding="utf-8")

    with pytest.raises(PackagingError, match="run on arm64 and x86_64") as caught:
        LayerCache(tmp_path / "cache").open_or_build(file, architectures=["arm64", "x86_64"])

    assert caught.value.code == "layer-architectures"


def test_a_layer_is_placed_under_its_digest_without_a_copy(requirements: Path, tmp_path: Path) -> None:
    """Environments share the file where the file system can link; a wrong file in its place is replaced."""
    layer = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=ARM)
    target = tmp_path / "build"

    artifact = layer.place(target)
    assert artifact.path.name == f"layer-{layer.digest}.zip"
    assert artifact.path.samefile(layer.source)

    artifact.path.unlink()
    artifact.path.write_bytes(b"something else")
    assert layer.place(target).path.read_bytes() == layer.source.read_bytes()
    assert [path.name for path in target.iterdir()] == [artifact.path.name]


def test_a_layer_is_copied_where_it_cannot_be_linked(requirements: Path, tmp_path: Path) -> None:
    """Another file system is no obstacle."""
    other = Path("/dev/shm")  # noqa: S108 - a second file system, not a temporary file
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system to copy to")
    layer = LayerCache(tmp_path / "cache").open_or_build(requirements, architectures=ARM)
    target = other / f"tapgen-test-{os.getpid()}"
    try:
        artifact = layer.place(target)

        assert not artifact.path.samefile(layer.source)
        assert artifact.path.read_bytes() == layer.source.read_bytes()
    finally:
        shutil.rmtree(target, ignore_errors=True)


def test_a_ready_made_layer_is_taken_as_it_is(tmp_path: Path) -> None:
    """Whatever tool made it; its identity is that of its contents."""
    sizes = []
    layers = []
    for name, compression in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w", compression) as archive:
            archive.writestr(zipfile.ZipInfo("python/"), "")
            archive.writestr("python/a.py", "x = 1\n" * 100)
        sizes.append(path.stat().st_size)
        layers.append(open_layer(path))

    assert layers[0].digest == layers[1].digest
    assert [layer.size_bytes for layer in layers] == sizes
    assert {layer.unpacked_bytes for layer in layers} == {600}
    assert layers[1].place(tmp_path / "build").path.read_bytes() == (tmp_path / "deflated.zip").read_bytes()


def _damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("python/a.py", "x = 1\n")
    path.write_bytes(path.read_bytes().replace(b"x = 1", b"x = 2"))


def _empty(path: Path) -> None:
    with zipfile.ZipFile(path, "w"):
        pass


@pytest.mark.parametrize(
    "make",
    [lambda path: path.write_text("no zip"), Path.mkdir, _damaged, _empty, Path.exists],
    ids=["text", "folder", "damaged", "empty", "absent"],
)
def test_a_ready_made_layer_that_lambda_would_refuse_is_told(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """Before anything is uploaded, with the file's name."""
    path = tmp_path / "layer.zip"
    make(path)

    with pytest.raises(PackagingError) as caught:
        open_layer(path)

    assert caught.value.code == "bad-layer"
    assert str(path) in caught.value.what
