"""Alarms and runbooks belong together, and runbooks name only what exists."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from scripts.runbook_skeletons import FOLDER, OPEN, SECTIONS, main, skeleton, wanted
from tapgen.cli.main import cli
from tapgen.config.load import load_environments
from tapgen.naming import Names
from tapgen.templates.queries import list_queries
from tests.unit.templates.variants import REPOSITORY, VARIANTS, templates

if TYPE_CHECKING:
    from pathlib import Path

RUNBOOKS = sorted(path for path in FOLDER.glob("*.md") if path.stem != "README")
# Commands that runbooks name and that come with other parts of the toolbox.
COMING = {"dashboard", "drift", "logs", "metrics", "tune", "verify"}


def _named_by_alarms() -> set[str]:
    """What the descriptions of all alarms in all templates link to."""
    text = "".join(json.dumps(template) for name in VARIANTS for template in templates(VARIANTS[name]).values())
    return set(re.findall(r"Runbook: (?:\S*?docs/runbooks/|`tapgen runbook )([\w-]+)(?:\.md|`)", text))


def test_every_alarm_has_its_runbook_and_every_runbook_its_alarm() -> None:
    """In both directions, by what the rendered descriptions say; the script that makes skeletons agrees."""
    assert {path.stem for path in RUNBOOKS} == wanted().keys()
    assert _named_by_alarms() <= wanted().keys()


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_is_complete(path: Path) -> None:
    """Its name, a severity, all sections in order with something in each, nothing left open."""
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {path.stem}\n\n**")
    assert OPEN not in text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(SECTIONS)
    for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]:
        assert len(section.strip()) > 10


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_names_what_exists(path: Path) -> None:
    """Commands of tapgen, saved queries, other runbooks and settings."""
    text = path.read_text(encoding="utf-8")

    commands = set(re.findall(r"tapgen ([a-z][a-z-]+)", text)) - {"itself"}
    assert commands - COMING <= set(cli.list_commands(None)), commands  # type: ignore[arg-type]  # it asks nothing of it
    environment = load_environments(REPOSITORY / "config" / "environments.yaml").resolve("prod")
    names = {query.name for query, _ in list_queries(Names(environment), environment.service)}
    for sentence in re.findall(r"saved quer(?:y|ies) [^.]*", text):
        assert set(re.findall(r"`([a-z0-9-]+)`", sentence)) & names, sentence
    for section, setting in re.findall(r"`(alarms|slo|shift)\.([a-z0-9_]+)", text):
        assert hasattr(getattr(environment, section), setting), f"{section}.{setting}"


def test_the_index_lists_every_runbook() -> None:
    """A reader without an alarm finds them, too."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([\w-]+)\.md\)", index)) == {path.stem for path in RUNBOOKS}


def test_a_missing_runbook_gets_a_skeleton(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With all sections and open places; what is there is not written over."""
    (tmp_path / "function-errors.md").write_text("mine", encoding="utf-8")
    (tmp_path / "gone.md").write_text("old", encoding="utf-8")

    assert main(tmp_path) == 1

    assert {path.stem for path in tmp_path.glob("*.md")} == {*wanted(), "gone"}
    assert (tmp_path / "function-errors.md").read_text(encoding="utf-8") == "mine"
    made = (tmp_path / "dead-letters.md").read_text(encoding="utf-8")
    assert made == skeleton("dead-letters", wanted()["dead-letters"])
    assert re.findall(r"^## (.+)$", made, re.MULTILINE) == list(SECTIONS)
    assert "no alarm names it any more" in capsys.readouterr().out
