"""``tapgen runbook`` and ``tapgen guide``: what alarms and messages name can be read wherever tapgen is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.cli.main import run
from tapgen.pages import list_runbooks

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_runbook_is_printed_without_a_project(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever is called by an alarm needs no clone of anything."""
    assert run(["runbook", "function-errors"]) == 0

    assert capsys.readouterr().out == (REPOSITORY / "docs/runbooks/function-errors.md").read_text(encoding="utf-8")


def test_every_runbook_is_listed(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name, the names; the index is none of them."""
    assert run(["runbook"]) == 0

    listed = capsys.readouterr().out.split()
    assert listed == sorted(path.stem for path in (REPOSITORY / "docs/runbooks").glob("*.md") if path.stem != "README")


def test_own_runbook_comes_first(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A project says in its own words what its people do."""
    (nowhere / "config").mkdir()
    (nowhere / "config" / "environments.yaml").write_text("environments: {local: {}}\n", encoding="utf-8")
    own = nowhere / "docs" / "runbooks" / "function-errors.md"
    own.parent.mkdir(parents=True)
    own.write_text("# Call Ada\n", encoding="utf-8")

    assert run(["runbook", "function-errors"]) == 0

    assert capsys.readouterr().out == "# Call Ada\n"
    assert list_runbooks(nowhere)["dead-letters"] != own


def test_unknown_runbook_is_refused(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the pen is told with what was meant."""
    assert run(["runbook", "function-error"]) == 2

    assert "did you mean 'function-errors'?" in capsys.readouterr().err


def test_page_that_a_message_names_is_printed(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The guide prints a page by its name, and by its path in the repository."""
    for name in ("parts", "docs/reference/parts.md"):
        assert run(["guide", name]) == 0
        assert capsys.readouterr().out == (REPOSITORY / "docs/reference/parts.md").read_text(encoding="utf-8")


def test_guide_is_listed_and_unknown_pages_are_refused(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name, the names; a slip of the pen is told with what was meant."""
    assert run(["guide"]) == 0
    assert {"parts", "your-service", "journeys"} <= set(capsys.readouterr().out.split())

    assert run(["guide", "journey"]) == 2
    assert "did you mean 'journeys'?" in capsys.readouterr().err
