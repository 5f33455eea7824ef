"""A function's zip: what Lambda imports, and nothing of the other functions."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import PackagingError
from tapgen.packaging.functions import zip_function

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="sources")
def _sources(project: Path) -> Path:
    return project / "handlers"


def _names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("role", ["api", "archiver"])
def test_a_zip_holds_the_package_what_is_shared_and_the_function(sources: Path, tmp_path: Path, role: str) -> None:
    """Exactly the function's own modules, under the paths that its handler name needs."""
    artifact = zip_function(role, folder=role, sources=sources).place(tmp_path / "build")

    expected = {"handlers/__init__.py"} | {
        f"handlers/{path.relative_to(sources).as_posix()}"
        for folder in ("common", role)
        for path in (sources / folder).rglob("*.*")
        if "__pycache__" not in path.parts
    }
    assert _names(artifact.path) == expected
    assert f"handlers/{role}/app.py" in expected
    assert artifact.size_bytes == artifact.path.stat().st_size
    assert artifact.unpacked_bytes == sum((sources.parent / name).stat().st_size for name in expected)
    assert artifact.path.name == f"{role}-{artifact.digest}.zip"
    assert artifact.key == f"artifacts/{role}/{artifact.digest}.zip"


def test_a_change_to_one_function_leaves_the_other(sources: Path) -> None:
    """Only what changed is uploaded and shifted; what is shared changes both."""
    before = {role: zip_function(role, folder=role, sources=sources).digest for role in ("api", "archiver")}

    (sources / "api" / "app.py").write_text("# changed\n", encoding="utf-8")
    own = {role: zip_function(role, folder=role, sources=sources).digest for role in before}
    (sources / "common" / "new.py").write_text("# shared\n", encoding="utf-8")
    shared = {role: zip_function(role, folder=role, sources=sources).digest for role in before}

    assert own["api"] != before["api"]
    assert own["archiver"] == before["archiver"]
    assert shared["api"] != own["api"]
    assert shared["archiver"] != own["archiver"]


def test_hidden_files_and_the_executable_bit_do_not_count(sources: Path) -> None:
    """A file manager's leftovers or a file system without modes make no new version."""
    before = zip_function("api", folder="api", sources=sources)
    (sources / "api" / ".DS_Store").write_bytes(b"x")
    (sources / "api" / ".idea").mkdir()
    (sources / "api" / ".idea" / "x.py").touch()
    (sources / "api" / "app.py").chmod(0o755)

    assert zip_function("api", folder="api", sources=sources) == before


def test_a_function_without_code_is_told(sources: Path) -> None:
    """The file that is missing is named."""
    (sources / "archiver" / "app.py").unlink()

    with pytest.raises(PackagingError) as caught:
        zip_function("archiver", folder="archiver", sources=sources)

    assert caught.value.code == "no-handler"
    assert str(sources / "archiver" / "app.py") in caught.value.what


def test_what_editors_leave_makes_no_new_version(sources: Path) -> None:
    """Somebody with an open editor deploys the same zip as everybody else."""
    before = zip_function("api", folder="api", sources=sources)
    for name in ("app.py~", "#app.py#", "app.py.orig", ".app.py.swp"):
        (sources / "api" / name).write_text("# half a thought\n", encoding="utf-8")
    (sources / "common" / ".#items.py").symlink_to("ada@laptop.4711:1795521600")

    assert zip_function("api", folder="api", sources=sources) == before


def test_a_function_whose_code_is_ignored_is_told(sources: Path) -> None:
    """A pattern that takes too much is named as the reason, before Lambda finds nothing to import."""
    (sources / ".tapgenignore").write_text("app.*\n", encoding="utf-8")

    with pytest.raises(PackagingError) as caught:
        zip_function("api", folder="api", sources=sources)

    assert caught.value.code == "no-handler"
    assert "handlers/.tapgenignore leaves" in caught.value.what


def test_a_linked_source_is_refused(sources: Path) -> None:
    """Also where the package itself begins."""
    (sources / "__init__.py").unlink()
    (sources / "__init__.py").symlink_to(sources / "api" / "app.py")

    with pytest.raises(PackagingError, match="symbolic link"):
        zip_function("api", folder="api", sources=sources)


def test_a_project_without_shared_code_or_package_file_is_fine(sources: Path) -> None:
    """Python takes a folder for a package, too."""
    for path in (sources / "common").rglob("*.py"):
        path.unlink()
    (sources / "common").rmdir()
    (sources / "__init__.py").unlink()

    assert zip_function("archiver", folder="archiver", sources=sources).unpacked_bytes > 0


def test_a_zip_is_written_once_and_mended_when_damaged(sources: Path, tmp_path: Path) -> None:
    """A file with the right bytes is left alone; one with the right name and other bytes is not trusted."""
    code = zip_function("api", folder="api", sources=sources)
    path = code.place(tmp_path).path
    written = path.stat().st_mtime_ns, path.stat().st_ino

    assert code.place(tmp_path).path == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written

    path.write_bytes(b"damaged")
    code.place(tmp_path)

    assert path.read_bytes() == code.data
    assert [item.name for item in tmp_path.glob("api-*")] == [path.name], "nothing half-written stays"
