"""A release on disk: what is read is what was written, or nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen import manifest
from tapgen.errors import UsageError
from tests.unit.render.conftest import DEV

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.model import Rendered
    from tests.unit.render.conftest import Project


@pytest.fixture(name="rendered")
def _rendered(project: Project) -> Rendered:
    return project.builder.build(DEV)


@pytest.fixture(name="folder")
def _folder(project: Project) -> Path:
    return project.folder / "build" / "dev"


def test_what_is_read_is_what_was_written(rendered: Rendered, folder: Path) -> None:
    """Every field, templates and artifacts with their bytes."""
    assert manifest.read(folder) == rendered
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["manifest.json", "templates", *(artifact.path.name for artifact in rendered.artifacts)]
    )


def test_a_manifest_is_for_other_tools_too(rendered: Rendered, folder: Path, project: Project) -> None:
    """Digests, sizes, keys and relative files; no path of this machine and no time."""
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    document = json.loads(text)

    assert document["schema_version"] == 1
    assert document["release_id"] == rendered.release_id
    assert document["parameters"] == {"ReleaseId": rendered.release_id}
    for item, template in zip(document["templates"], rendered.templates, strict=True):
        assert (folder / item["file"]).stat().st_size == item["size_bytes"] == len(template.body)
        assert (item["key"], item["digest"]) == (template.key, template.digest)
    for item, artifact in zip(document["artifacts"], rendered.artifacts, strict=True):
        assert (folder / item["file"]).stat().st_size == item["size_bytes"]
        assert item["key"] == artifact.key
    assert str(project.folder) not in text
    assert text.endswith("}\n")


def _edit(change: Callable[[dict[str, object]], object]) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        document = json.loads((folder / "manifest.json").read_text())
        change(document)
        (folder / "manifest.json").write_text(json.dumps(document))

    return edit


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").write_text("[]"),
        lambda folder: (folder / "manifest.json").write_bytes(b"\xff"),
        lambda folder: (folder / "templates" / "root.json").unlink(),
        lambda folder: (folder / "templates" / "data.json").write_text("{}"),
        lambda folder: next(folder.glob("api-*.zip")).write_bytes(b""),
        lambda folder: next(folder.glob("layer-*.zip")).unlink(),
        _edit(lambda document: document.update(schema_version=2)),
        _edit(lambda document: document.pop("release_id")),
        _edit(lambda document: document.update(templates=None)),
        _edit(lambda document: document.update(artifacts=[{}])),
        _edit(lambda document: document.update(artifacts=["x"])),
    ],
    ids=[
        *("no manifest", "no JSON", "a list", "no text", "template gone", "template edited", "zip edited", "zip gone"),
        *("other release", "field gone", "no templates", "empty artifact", "odd artifact"),
    ],
)
def test_a_damaged_release_is_none(rendered: Rendered, folder: Path, damage: Callable[[Path], object]) -> None:
    """Every file is held to its digest; what cannot be read is as if it were not there."""
    assert manifest.read(folder) == rendered

    damage(folder)

    assert manifest.read(folder) is None


def test_a_folder_without_a_release_is_none(tmp_path: Path) -> None:
    """Nothing is known of it, either."""
    assert manifest.read(tmp_path / "none") is None
    assert manifest.read_inputs(tmp_path / "none") == {}


def test_inputs_that_are_no_mapping_are_none(rendered: Rendered, folder: Path) -> None:
    """A manifest of something else does not crash a deploy."""
    assert manifest.read_inputs(folder)["files"] == ["layer.zip"]
    manifest.write(rendered, folder, inputs={})
    _edit(lambda document: document.update(inputs=[1]))(folder)

    assert manifest.read_inputs(folder) == {}


def test_files_of_earlier_renders_go_and_others_stay(rendered: Rendered, folder: Path) -> None:
    """Old zips and templates, YAML among them, are ours; a note of somebody is not."""
    manifest.write_yaml(rendered, folder)
    old = folder / f"api-{'0' * 32}.zip"
    kept = [folder / "notes.txt", folder / "my.zip", folder / "templates" / "mine.json"]
    for path in (old, *kept):
        path.write_text("x", encoding="utf-8")

    manifest.write(replace(rendered, templates=rendered.templates[1:]), folder, inputs={})

    assert not old.exists()
    assert not (folder / "templates" / "security.json").exists()
    assert not list(folder.rglob("*.yaml"))
    assert all(path.exists() for path in kept)
    assert not list(folder.rglob("*.partial"))


def test_unchanged_files_are_left_alone(rendered: Rendered, folder: Path) -> None:
    """Tools that watch files see what changed."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}

    manifest.write(rendered, folder, inputs=manifest.read_inputs(folder))

    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")} == before


@pytest.mark.parametrize("name", ["notes.txt", "templates", "my.zip", ".git"])
def test_a_folder_with_other_files_is_refused(tmp_path: Path, name: str) -> None:
    """`--out .` by mistake must not remove anything."""
    (tmp_path / name).mkdir()

    with pytest.raises(UsageError, match=f"holds files that tapgen did not write, e.g. {name}") as caught:
        manifest.refuse_foreign(tmp_path)

    assert caught.value.code == "foreign-folder"


def test_an_empty_absent_or_own_folder_is_fine(rendered: Rendered, folder: Path, tmp_path: Path) -> None:
    """As is one in which packaging was interrupted."""
    manifest.refuse_foreign(tmp_path / "absent")
    manifest.refuse_foreign(folder)
    (tmp_path / "empty").mkdir()
    manifest.refuse_foreign(tmp_path / "empty")
    (tmp_path / "empty" / rendered.artifacts[0].path.name).touch()
    manifest.refuse_foreign(tmp_path / "empty")

    assert list((tmp_path / "empty").iterdir()), "checking removes nothing"
