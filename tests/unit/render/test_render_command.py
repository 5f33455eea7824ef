"""`tapgen render`: files in the build folder, a table on standard output, nothing from the network."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import cfn_flip
import pytest

from tapgen import manifest
from tapgen.cli.main import run
from tests.unit.render.conftest import DEV

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.render.conftest import Project


def _render(project: Project, *arguments: str) -> int:
    return run(["--project", str(project.folder), "render", *arguments])


def test_the_table_names_stacks_counts_sizes_and_digests(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each template and artifact, columns aligned, and where the files are."""
    assert _render(project, "--env", "dev") == 0

    rendered = manifest.read(project.folder / "build" / "dev")
    assert rendered is not None
    captured = capsys.readouterr()
    assert captured.err == ""
    first, header, *rows = captured.out.strip().splitlines()
    last = rows.pop()
    assert first == f"transactions-dev  release {rendered.release_id}"
    assert header.split() == ["resources", "bytes", "digest"]
    assert [row.split() for row in rows] == [
        *(
            [item.stack, str(item.resource_count), f"{len(item.body):,}", item.digest[:12]]
            for item in rendered.templates
        ),
        *([f"{item.name}.zip", f"{item.size_bytes:,}", item.digest[:12]] for item in rendered.artifacts),
    ]
    assert len({row.rindex("  ") for row in rows}) == 1
    assert last == f"written to {project.folder / 'build' / 'dev'}"


def test_json_is_one_document_for_each_environment(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """For scripts, one a line."""
    assert _render(project, "--all", "--json") == 0

    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [document["deployment"] for document in documents] == [
        f"transactions-{name}" for name in ("local", "dev", "staging", "prod")
    ]
    rendered = project.builder.load_or_render(DEV)
    assert documents[1]["release_id"] == rendered.release_id
    assert documents[1]["folder"] == str(project.folder / "build" / "dev")
    assert [item["stack"] for item in documents[1]["templates"]] == [item.stack for item in rendered.templates]
    assert [item["digest"] for item in documents[1]["artifacts"]] == [item.digest for item in rendered.artifacts]


def test_yaml_says_the_same_as_json(project: Project) -> None:
    """A rendition for people beside the templates that are uploaded."""
    assert _render(project, "--env", "prod", "--format", "yaml") == 0

    templates = project.folder / "build" / "prod" / "templates"
    assert len(list(templates.glob("*.yaml"))) == 5
    for path in templates.glob("*.yaml"):
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert json.loads(cfn_flip.to_json(path.read_text(encoding="utf-8"))) == expected

    assert _render(project, "--env", "prod") == 0
    assert not list(templates.glob("*.yaml")), "a later render leaves no YAML that may be stale"


def test_out_suffix_and_region(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder is the user's choice; --all makes one below it for each environment."""
    assert (
        _render(project, "--env", "dev", "--suffix", "pr-1", "--region", "us-east-1", "--out", str(tmp_path / "x")) == 0
    )
    assert "transactions-dev-pr-1" in capsys.readouterr().out
    rendered = manifest.read(tmp_path / "x")
    assert rendered is not None
    assert (rendered.suffix, rendered.region) == ("pr-1", "us-east-1")

    assert _render(project, "--all", "--out", str(tmp_path / "y")) == 0
    assert {path.name for path in (tmp_path / "y").iterdir()} == {"local", "dev", "staging", "prod"}
    assert not (project.folder / "build").exists()


def test_a_folder_with_other_files_is_left_alone(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` with the project's own folder would overwrite what is there."""
    before = sorted(project.folder.rglob("*"))

    assert _render(project, "--env", "dev", "--out", str(project.folder)) == 2

    assert "holds files that tapgen did not write" in capsys.readouterr().err
    assert [path for path in sorted(project.folder.rglob("*")) if ".tapgen" not in path.parts] == before


@pytest.mark.parametrize("arguments", [[], ["--env", "dev", "--all"]])
def test_one_environment_or_all(project: Project, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Neither or both is a usage error."""
    assert _render(project, *arguments) == 2

    assert "use --env NAME, or --all" in capsys.readouterr().err


def test_all_tells_the_faults_of_all(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Before any environment is rendered."""
    project.change_config('"111122223333"', '"1"')
    project.change_config("production: true", "production: 1")

    assert _render(project, "--all") == 2

    told = capsys.readouterr().err
    assert "environments.dev.account_id" in told
    assert "environments.prod.production" in told
    assert not (project.folder / "build").exists()


def test_rendering_imports_no_aws_and_reaches_for_nothing(project: Project) -> None:
    """No boto3, emulator or terminal library; no connection, no other process, no credentials."""
    script = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn", "os.fork"):
        raise RuntimeError(f"rendering used {event} {arguments}")
sys.addaudithook(refuse)
from tapgen.cli.main import run
code = run(sys.argv[1:])
used = {name.partition(".")[0] for name in sys.modules} & {"boto3", "botocore", "ministack", "rich", "hypercorn"}
print("imported:", *sorted(used))
sys.exit(code)
"""
    arguments = [sys.executable, "-c", script, "--project", str(project.folder), "render", "--all"]

    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env={})

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported:"
