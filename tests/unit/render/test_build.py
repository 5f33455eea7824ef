"""A release is used again only when nothing that it was made of changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tapgen
from tapgen.build import RENDERING, BuildRequest
from tapgen.errors import ConfigError, PackagingError, UsageError
from tests.unit.render.conftest import DEV, Project, make_project

if TYPE_CHECKING:
    from collections.abc import Callable

_LIBRARIES = {"awacs", "boto3", "botocore", "ministack", "pathspec", "pydantic", "rich", "troposphere", "yaml"}

_LOAD = """
import json, sys
from pathlib import Path
from tapgen.build import Builder, BuildRequest
Builder(Path(sys.argv[1])).load_or_render(BuildRequest(environment="dev"))
print(json.dumps(sorted(sys.modules)))
"""


def _imported_by_load(project: Project, *, path: Path | None = None) -> set[str]:
    """Modules that another process imports to have the release of `dev`."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(project.folder)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(path)} if path else None,
        # Python looks for modules in the working folder first.
        cwd=project.folder,
    )
    return set(json.loads(done.stdout))


def _manifest(project: Project) -> Path:
    return project.folder / "build" / "dev" / "manifest.json"


def test_an_unchanged_release_is_read_without_the_libraries_that_made_it(project: Project) -> None:
    """The first process renders; the second imports neither templates nor validation nor YAML."""
    first = _imported_by_load(project)
    written = _manifest(project).stat().st_mtime_ns
    second = _imported_by_load(project)

    assert {"pydantic", "troposphere"} <= first
    assert not _LIBRARIES & second
    assert _manifest(project).stat().st_mtime_ns == written


def test_what_is_reused_is_what_would_be_rendered(project: Project) -> None:
    """Value for value."""
    rendered = project.builder.load_or_render(DEV)

    assert project.builder.load_or_render(DEV) == rendered
    assert project.builder.build(DEV) == rendered


def _mark(project: Project) -> Callable[[], bool]:
    """Render, and answer whether the next call renders again: a note in the manifest does not survive that."""
    project.builder.load_or_render(DEV)
    document = json.loads(_manifest(project).read_text(encoding="utf-8"))
    _manifest(project).write_text(json.dumps(document | {"note": "left by a test"}), encoding="utf-8")

    def rendered_again() -> bool:
        project.builder.load_or_render(DEV)
        return "left by a test" not in _manifest(project).read_text(encoding="utf-8")

    assert not rendered_again()
    return rendered_again


@pytest.mark.parametrize(
    "change",
    [
        lambda project: project.config.write_text(project.config.read_text() + "# a comment\n"),
        lambda project: (project.folder / "handlers" / "api" / "app.py").write_text("# other\n"),
        lambda project: (project.folder / "handlers" / "api" / "new.py").touch(),
        lambda project: (project.folder / "handlers" / "common" / "clients.py").unlink(),
        lambda project: shutil.move(
            project.folder / "handlers/common/clients.py", project.folder / "handlers/common/other.py"
        ),
        lambda project: shutil.copy(project.folder / "build" / "dev" / "templates" / "root.json", _manifest(project)),
        lambda project: (project.folder / "build" / "dev" / "templates" / "data.json").write_text("{}"),
        lambda project: next((project.folder / "build" / "dev").glob("archiver-*.zip")).unlink(),
    ],
    ids=[
        *("configuration", "code", "new file", "file gone", "file moved"),
        *("manifest overwritten", "template edited", "artifact gone"),
    ],
)
def test_every_change_renders_again(project: Project, change: Callable[[Project], object]) -> None:
    """Inputs are compared by content, outputs by digest."""
    rendered_again = _mark(project)

    change(project)

    assert rendered_again()
    assert not _mark(project)(), "and then it is current"


def test_a_changed_layer_renders_again(project: Project) -> None:
    """Ready-made or built, the layer's own files are inputs."""
    rendered_again = _mark(project)
    before = project.builder.load_or_render(DEV).artifacts[-1]

    shutil.copy(
        project.folder / "build" / "dev" / f"api-{project.builder.load_or_render(DEV).artifacts[0].digest}.zip",
        project.folder / "layer.zip",
    )

    assert rendered_again()
    after = project.builder.load_or_render(DEV).artifacts[-1]
    assert (before.name, after.name) == ("layer", "layer")
    assert before.digest != after.digest


def test_touching_files_renders_nothing(project: Project) -> None:
    """A checkout or copy has other times and the same release."""
    rendered_again = _mark(project)
    for path in (project.folder / "handlers").rglob("*.py"):
        path.touch()
    project.config.touch()

    assert not rendered_again()


def test_a_changed_tapgen_renders_again(project: Project, tmp_path: Path) -> None:
    """Templates are code: another version of it is another release, even when its version number is the same."""
    copy = tmp_path / "site"
    shutil.copytree(Path(tapgen.__file__).parent, copy / "tapgen", ignore=shutil.ignore_patterns("__pycache__"))
    _imported_by_load(project, path=copy)
    assert not _LIBRARIES & _imported_by_load(project, path=copy)

    with (copy / "tapgen" / "templates" / "data.py").open("a") as file:
        file.write("\n# changed\n")

    assert "troposphere" in _imported_by_load(project, path=copy)
    assert not _LIBRARIES & _imported_by_load(project, path=copy)


def test_everything_that_rendering_imports_of_tapgen_is_an_input(project: Project) -> None:
    """`RENDERING` names the modules whose contents decide whether a release is current."""
    imported = {name.split(".")[1] for name in _imported_by_load(project) if name.startswith("tapgen.")}

    assert imported <= set(RENDERING)
    assert {"templates", "packaging", "config", "render"} <= imported


def test_deployments_do_not_meet(project: Project) -> None:
    """Suffix and region are part of what a release was made of."""
    plain = project.builder.load_or_render(DEV)
    suffixed = project.builder.load_or_render(BuildRequest(environment="dev", suffix="pr-1"))
    moved = project.builder.load_or_render(BuildRequest(environment="dev", region="us-east-1"))

    assert suffixed.deployment == "transactions-dev-pr-1"
    assert suffixed.artifacts[0].path.parent == project.folder / "build" / "dev-pr-1"
    assert moved.region == "us-east-1"
    assert project.builder.load_or_render(DEV) == plain


def test_two_copies_of_a_project_have_equal_releases(project: Project, tmp_path: Path) -> None:
    """Byte for byte, manifests included."""
    other = make_project(tmp_path / "another" / "place")
    for each in (project, other):
        each.builder.build(DEV)

    files = {path.relative_to(project.folder) for path in (project.folder / "build").rglob("*.*")}
    assert {path.relative_to(other.folder) for path in (other.folder / "build").rglob("*.*")} == files
    assert all((project.folder / name).read_bytes() == (other.folder / name).read_bytes() for name in files)


def test_one_builder_renders_all_environments(project: Project) -> None:
    """What they share is packaged once; each folder is complete."""
    builder = project.builder
    rendered = [builder.build(BuildRequest(environment=name)) for name in builder.environments.names]

    assert len({item.release_id for item in rendered}) == 4
    assert len({item.artifacts for item in rendered}) == 4
    assert len({tuple(part.digest for part in item.artifacts) for item in rendered}) == 1
    for item in rendered:
        assert project.builder.load_or_render(BuildRequest(environment=item.environment)) == item


def test_requirements_need_not_exist_beside_a_ready_made_layer(project: Project) -> None:
    """They are not what the layer is made of."""
    (project.folder / "handlers" / "requirements.txt").unlink()

    assert project.builder.load_or_render(DEV).artifacts[-1].name == "layer"


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda project: project.change_config("encryption: aws-owned", "encryption: none"), ConfigError, "1 fault"),
        (lambda project: (project.folder / "handlers/api/app.py").unlink(), PackagingError, "'api' has no code"),
        (lambda project: (project.folder / "layer.zip").write_text("x"), PackagingError, "not a zip"),
        (lambda project: (project.folder / "handlers/api/x.py").symlink_to("app.py"), PackagingError, "symbolic link"),
        (lambda project: (project.folder / "layer.zip").unlink(), (ConfigError, PackagingError), "layer"),
    ],
    ids=["configuration", "no code", "bad layer", "link", "no layer"],
)
def test_what_can_no_longer_be_rendered_is_not_reused(
    project: Project, spoil: Callable[[Project], object], error: type[Exception], words: str
) -> None:
    """The last good release does not hide what is wrong now."""
    project.builder.load_or_render(DEV)
    spoil(project)

    with pytest.raises(error) as caught:
        project.builder.load_or_render(DEV)

    assert words in f"{caught.value} {getattr(caught.value, 'why', '')}"


@pytest.mark.parametrize("inputs", [None, {}, {"files": 7}, {"files": ["none"], "digest": "0"}, {"files": [None]}])
def test_a_release_of_unknown_inputs_is_rendered_again(project: Project, inputs: object) -> None:
    """Whatever a manifest says of them, it is not taken on trust."""
    rendered = project.builder.load_or_render(DEV)
    document = json.loads(_manifest(project).read_text(encoding="utf-8"))
    _manifest(project).write_text(json.dumps(document | {"inputs": inputs}), encoding="utf-8")

    assert project.builder.load_or_render(DEV) == rendered
    assert json.loads(_manifest(project).read_text(encoding="utf-8")) == document


def test_a_file_where_the_build_folder_belongs_is_told(project: Project) -> None:
    """The file system's refusals are not bugs of ours."""
    (project.folder / "build").touch()

    with pytest.raises(UsageError) as caught:
        project.builder.build(DEV)

    assert caught.value.code == "file-access"
    assert str(project.folder / "build") in caught.value.what


def test_two_processes_may_render_at_once(project: Project) -> None:
    """Neither sees half of a file of the other, and the release is whole."""
    arguments = [sys.executable, "-c", _LOAD, str(project.folder)]
    running = [subprocess.Popen(arguments, stdout=subprocess.DEVNULL, cwd=project.folder) for _ in range(2)]

    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert not _LIBRARIES & _imported_by_load(project)
    assert not list(project.folder.rglob("*.partial"))


def test_an_unknown_environment_is_told(project: Project) -> None:
    """Nothing is written for it."""
    with pytest.raises(UsageError, match="no environment 'x'"):
        project.builder.load_or_render(BuildRequest(environment="x"))

    assert not (project.folder / "build").exists()


def test_a_file_name_that_is_not_utf_8_is_refused_when_it_matters(project: Project) -> None:
    """Not before: one that packaging leaves out changes nothing, and no name is an error of tapgen's own."""
    api = project.folder / "handlers" / "api"
    before = project.builder.load_or_render(DEV)
    (api / os.fsdecode(b"app.py\xff~")).touch()
    assert project.builder.load_or_render(DEV).artifacts == before.artifacts

    (api / os.fsdecode(b"caf\xe9.py")).touch()
    with pytest.raises(PackagingError) as caught:
        project.builder.load_or_render(DEV)
    assert caught.value.code == "package-file-name"


def test_a_changed_service_renders_again(project: Project) -> None:
    """Parts, routes and grants are as much of a release as settings are."""
    project.builder.load_or_render(DEV)
    assert not _LIBRARIES & _imported_by_load(project)

    with (project.folder / "config" / "service.py").open("a") as file:
        file.write("\n# changed\n")

    assert "troposphere" in _imported_by_load(project)


def test_a_changed_ignore_file_renders_again(project: Project) -> None:
    """What goes into a zip is an input of the release."""
    before = project.builder.load_or_render(DEV)
    (project.folder / "handlers" / ".tapgenignore").write_text("docs.html\n", encoding="utf-8")

    assert project.builder.load_or_render(DEV).artifacts != before.artifacts
