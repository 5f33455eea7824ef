"""``scripts/man write|check``: docs/reference/cli.md and docs/man from the commands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.manual.markdown import write_markdown
from scripts.manual.pages import collect_pages
from scripts.manual.roff import file_stem, write_roff
from tapgen._version import __version__
from tapgen.cli.main import cli

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "reference" / "cli.md"


def main() -> int:
    """Do one of the two; 1 when what is committed is not what the commands say."""
    parser = argparse.ArgumentParser(prog="scripts/man", description=__doc__)
    parser.add_argument("action", choices=["write", "check"])
    action = parser.parse_args().action
    wanted = write_files()
    present = {path for path in [PAGE, *(DOCS / "man").glob("*.1")] if path.is_file()}
    different = sorted(path for path in present | set(wanted) if path not in present or _read(path) != wanted.get(path))
    if action == "check":
        for path in different:
            print(f"{path.relative_to(DOCS.parent)} is not what the commands say", file=sys.stderr)
        if different:
            print("next: scripts/man write", file=sys.stderr)
        return 1 if different else 0
    for path in different:
        _write(path, wanted.get(path))
    return 0


def write_files() -> dict[Path, str]:
    """Every file of the manual with its text."""
    pages = list(collect_pages(cli, "tapgen"))
    files = {DOCS / "man" / f"{file_stem(page)}.1": write_roff(page, version=__version__) for page in pages}
    return {PAGE: write_markdown(pages), **files}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
