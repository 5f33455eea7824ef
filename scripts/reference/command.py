"""``write`` or ``check`` of a page that is made from the code, for ``scripts/parts`` and ``scripts/rules``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class WrittenPage:
    """A page and what writes it."""

    path: Path
    script: str
    """``scripts/parts``: what the reader is told to run."""
    source: str
    """What the page says: ``parts``."""
    write: Callable[[], str]

    def run(self, description: str | None) -> int:
        """Do what the command line asks; 1 when what is committed is not what the source says."""
        parser = argparse.ArgumentParser(prog=self.script, description=description)
        parser.add_argument("action", choices=["write", "check"])
        action = parser.parse_args().action
        wanted = self.write()
        if action == "write":
            self.path.write_text(wanted, encoding="utf-8")
            return 0
        if self.path.is_file() and self.path.read_text(encoding="utf-8") == wanted:
            return 0
        place = self.path.relative_to(REPOSITORY)
        print(f"{place} is not what the {self.source} say\nnext: {self.script} write", file=sys.stderr)
        return 1
