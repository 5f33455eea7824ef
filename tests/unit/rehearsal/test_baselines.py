"""What stands for the live release, in real repositories; and copies of the project that a rehearsal may change."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import UsageError
from tapgen.rehearsal.baselines import THE_PROJECT, choose_commit
from tapgen.rehearsal.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path


class _Repository:
    """A project in a folder of its repository, not at its top."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "services" / "shop"
        for part in ("config", "handlers/api"):
            (self.project / part).mkdir(parents=True)
        self._run("init", "--quiet", str(folder))

    def commit(self, name: str, content: str) -> str:
        self.write(name, content)
        self._run("add", "--all")
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
        self._run(*identity, "commit", "--quiet", "--message", f"{name}: {content}")
        return self._run("rev-parse", "HEAD").strip()

    def write(self, name: str, content: str) -> None:
        (self.project / name).write_text(content, encoding="utf-8")

    def _run(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self.project, capture_output=True, text=True, check=True).stdout


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> _Repository:
    repository = _Repository(tmp_path / "repository")
    repository.commit("config/environments.yaml", "first")
    return repository


def test_changed_tree_replaces_the_last_commit(repository: _Repository) -> None:
    """Work that is not committed is the candidate for what was committed last."""
    last = repository.commit("handlers/api/app.py", "second")
    repository.write("handlers/api/app.py", "third")

    assert choose_commit(repository.project, None).revision == last


def test_committed_tree_replaces_the_change_before(repository: _Repository) -> None:
    """A clean tree is the candidate for the commit before its own change; commits about something else do not count."""
    before = repository.commit("handlers/api/app.py", "second")
    repository.commit("handlers/api/app.py", "third")
    repository.commit("README.md", "not part of a release")

    found = choose_commit(repository.project, None)

    assert found.revision == before
    assert "handlers/api/app.py: second" in found.text


def test_without_history_the_project_stands_for_itself(repository: _Repository, tmp_path: Path) -> None:
    """A first commit has nothing before it, and a folder without git has no commit."""
    assert choose_commit(repository.project, None) == THE_PROJECT
    assert choose_commit(tmp_path, None) == THE_PROJECT


def test_named_revision_is_taken_or_refused(repository: _Repository) -> None:
    """A branch, a tag or a commit; anything else is refused with the name in it, an option of git above all."""
    last = repository.commit("handlers/api/app.py", "second")

    found = choose_commit(repository.project, "HEAD")
    assert (found.revision, found.named) == (last, True)
    for unknown in ("v9", "--output=x"):
        with pytest.raises(UsageError, match=f"{unknown} is no commit"):
            choose_commit(repository.project, unknown)


def test_export_has_what_the_commit_had(repository: _Repository, tmp_path: Path) -> None:
    """Configuration and handlers as they were, nothing else, and the project's cache of layers."""
    first = repository.commit("handlers/api/app.py", "second")
    repository.commit("README.md", "not part of a release")
    repository.write("handlers/api/app.py", "third")

    folder = Sources(repository.project, tmp_path / "copies").export("old", first)

    files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert files == {"config/environments.yaml": "first", "handlers/api/app.py": "second"}
    assert (folder / ".tapgen/cache/layers").samefile(repository.project / ".tapgen/cache/layers")


def test_export_of_a_commit_without_the_project_is_refused(repository: _Repository, tmp_path: Path) -> None:
    """Git's own words say what is missing."""
    only_configuration = choose_commit(repository.project, "HEAD").revision or ""

    with pytest.raises(UsageError, match="cannot be the baseline") as caught:
        Sources(repository.project, tmp_path).export("old", only_configuration)

    assert "handlers" in caught.value.why


def test_copy_is_the_tree_as_it_is(repository: _Repository, tmp_path: Path) -> None:
    """What is not committed is copied, compiled files are not, and a ready-made layer comes along."""
    repository.write("handlers/api/app.py", "third")
    (repository.project / "handlers" / "api" / "__pycache__").mkdir()
    (repository.project / "layers").mkdir()
    repository.write("layers/layer.zip", "zip")
    sources = Sources(repository.project, tmp_path / "copies", files=("layers/layer.zip", "handlers/requirements.txt"))

    folder = sources.copy("candidate")

    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == ["config/environments.yaml", "handlers/api/app.py", "layers/layer.zip"]
    (folder / "handlers/api/app.py").write_text("broken", encoding="utf-8")
    assert (repository.project / "handlers/api/app.py").read_text(encoding="utf-8") == "third"


def test_copy_takes_links_as_they_are(repository: _Repository, tmp_path: Path) -> None:
    """An editor's lock points nowhere; whether a link may be part of a release is for packaging to say."""
    repository.write("handlers/api/app.py", "third")
    (repository.project / "handlers" / "api" / ".#app.py").symlink_to("ada@laptop.4711:1795521600")

    folder = Sources(repository.project, tmp_path / "copies").copy("candidate")

    assert (folder / "handlers" / "api" / ".#app.py").is_symlink()
