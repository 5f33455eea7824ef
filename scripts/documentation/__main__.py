"""``scripts/docs build|serve|write|check``: the user guide as a site, its commands and pictures against the code."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from scripts.documentation.blocks import replace_block
from scripts.documentation.codes import write_page
from scripts.documentation.commands import find_commands, find_fault
from scripts.documentation.diagrams import draw_deploy, draw_stacks, watch_deploy
from scripts.tools import ensure_tool
from tapgen.cli.main import cli

REPOSITORY = Path(__file__).parents[2]
STACKS_PAGE = REPOSITORY / "docs" / "service" / "templates.md"
CODES_PAGE = REPOSITORY / "docs" / "reference" / "codes.md"
DEPLOY_PAGE = REPOSITORY / "docs" / "ship" / "deploying.md"


def main() -> int:
    """Do one of the four; 1 when a page is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("action", choices=["build", "serve", "write", "check"])
    action = parser.parse_args().action
    if action == "write":
        CODES_PAGE.write_text(write_page(REPOSITORY / "tapgen"), encoding="utf-8")
        _write(STACKS_PAGE, "stacks", draw_stacks(REPOSITORY, environment="prod"))
        _write(DEPLOY_PAGE, "deploy", draw_deploy(watch_deploy()))
        return 0
    if action == "serve":
        return _zensical("serve")
    faults = [*_command_faults(), *_written_faults()] if action == "check" else []
    for fault in faults:
        print(fault, file=sys.stderr)
    return _zensical("build", "--clean", "--strict") or bool(faults)


def _command_faults() -> list[str]:
    pages = [*sorted((REPOSITORY / "docs").rglob("*.md")), REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
    return [
        f"{shown.page.relative_to(REPOSITORY)}:{shown.line}: {shown.text}: {fault}"
        for page in pages
        for shown in find_commands(page)
        if (fault := find_fault(shown, cli))
    ]


def _written_faults() -> list[str]:
    # The picture of the deploy takes a deploy; tests/unit/scripts/test_documentation.py holds its steps to the code.
    stacks = STACKS_PAGE.read_text(encoding="utf-8")
    written = {
        STACKS_PAGE: replace_block(stacks, name="stacks", content=draw_stacks(REPOSITORY, environment="prod")),
        CODES_PAGE: write_page(REPOSITORY / "tapgen"),
    }
    return [
        f"{page.relative_to(REPOSITORY)} is not what the code says; next: scripts/docs write"
        for page, text in written.items()
        if page.read_text(encoding="utf-8") != text
    ]


def _write(page: Path, block: str, content: str) -> None:
    text = page.read_text(encoding="utf-8")
    page.write_text(replace_block(text, name=block, content=content), encoding="utf-8")


def _zensical(*arguments: str) -> int:
    return subprocess.run([str(ensure_tool("docs") / "zensical"), *arguments], cwd=REPOSITORY, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
