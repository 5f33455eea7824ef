"""The pages show commands that exist, and a deploy's steps as the code names them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scripts.documentation.blocks import replace_block
from scripts.documentation.codes import find_codes
from scripts.documentation.commands import Shown, find_commands, find_fault
from scripts.documentation.diagrams import StepCalls, draw_deploy
from tapgen.cli.main import cli

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("tapgen deploy --env prod --yes", None),
        ("tapgen releases --env prod -n 5", None),
        ("tapgen rollback --env prod --to -2", None),
        ("tapgen iam prove --env local", None),
        ("tapgen local start [--port N]", None),
        ("tapgen deploi --env prod", "`tapgen` has no command 'deploi'"),
        ("tapgen iam improve", "`tapgen iam` has no command 'improve'"),
        ("tapgen deploy --environment prod", "`tapgen deploy` has no option --environment"),
    ],
)
def test_command_is_held_against_the_command_line(text: str, fault: str | None) -> None:
    """Commands and options that are gone are found; values and placeholders are the reader's."""
    assert find_fault(Shown(Path("page.md"), 1, text), cli) == fault


def test_commands_are_found_where_readers_copy_them(tmp_path: Path) -> None:
    """Shell blocks, with what stands around a command, and back-ticks; no other block."""
    page = tmp_path / "page.md"
    page.write_text(
        "Run `tapgen status --env X`.\n"
        "```sh\n"
        'curl "$(tapgen outputs --env local --key Url)/health"   # tapgen is not this\n'
        "cd orders && tapgen render --env prod\n"
        "```\n"
        "```text\n"
        "tapgen nothing\n"
        "```\n",
        encoding="utf-8",
    )

    assert [(shown.line, shown.text) for shown in find_commands(page)] == [
        (1, "tapgen status --env X"),
        (3, "tapgen outputs --env local --key Url"),
        (4, "tapgen render --env prod"),
    ]


def test_steps_of_the_picture_are_steps_of_the_code() -> None:
    """A step that was renamed or removed is no longer in the picture of a deploy."""
    page = (REPOSITORY / "docs/ship/deploying.md").read_text(encoding="utf-8")
    drawn = re.findall(r'^  s\d+\["<b>([\w-]+)</b>', page, re.MULTILINE)
    code = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "tapgen/deploy").rglob("*.py"))

    assert drawn[0] == "preflight"
    assert drawn[-1] == "execute"
    assert set(drawn) <= set(re.findall(r'\.step\("([\w-]+)"', code))


def test_deploy_is_drawn_in_the_order_of_its_steps() -> None:
    """Each step is a box with its calls, and an arrow leads to the next."""
    steps = [StepCalls("preflight", "Reading"), StepCalls("upload", "Looking")]
    steps[1].calls["S3: PutObject"] += 2

    assert draw_deploy(steps).splitlines() == [
        "```mermaid",
        "flowchart TD",
        '  s0["<b>preflight</b><br/>no call"]',
        '  s1["<b>upload</b><br/>S3: PutObject"]',
        "  s0 --> s1",
        "```",
    ]


def test_block_is_replaced_and_nothing_else() -> None:
    """What a person wrote around a block stays; a page without the block is refused."""
    page = "before\n<!-- x: written by y -->\nold\n<!-- end of x -->\nafter\n"

    assert replace_block(page, name="x", content="new") == (
        "before\n<!-- x: written by y -->\n\nnew\n\n<!-- end of x -->\nafter\n"
    )
    with pytest.raises(ValueError, match="no block 'z'"):
        replace_block(page, name="z", content="new")


def test_codes_are_read_from_the_code() -> None:
    """Errors with their exit codes, notes, reasons and checks; what is filled in at run time is an ellipsis."""
    source = """
raise RefusedError(f"{name} is locked", why="x", hint="wait " + "or break it", code="locked")
raise UsageError("no such thing")
context.warn(f"the log {group} cannot be read: {error}", code="log-unread")
Reason(code="guard-red", text=f"the guard {name} is in ALARM", hint=fix)
report = Report("alarms-calm")
"""
    found = {
        (each.section, each.code, each.kind, each.text, each.hint)
        for each in find_codes(ast.parse(source), module="x_checks")
    }

    assert found == {
        ("error", "locked", "3", "… is locked", "wait or break it"),
        ("error", "usage", "2", "no such thing", ""),
        ("note", "log-unread", "warning", "the log … cannot be read: …", ""),
        ("reason", "guard-red", "x checks", "the guard … is in ALARM", "…"),
        ("check", "alarms-calm", "x checks", "", ""),
    }
